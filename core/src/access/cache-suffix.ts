/** What a repository that caches is also known by. */
export const cacheSuffix = '-cache';
