/** What a caller may do to an image, in the words of permission targets. Overwriting a tag asks for `delete` as well. */
export type Action = 'read' | 'annotate' | 'write' | 'delete' | 'manage';
