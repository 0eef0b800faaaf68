import type {ImageName} from '../oci/image-name.ts';

/**
 * Another name by which a repository knows the same image: Docker Hub's `busybox` is its `library/busybox`, and the other way
 * round. Undefined for an image that has one name.
 */
export type OtherNameOf = (repository: string, image: ImageName) => ImageName | undefined;
