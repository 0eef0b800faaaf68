/** What the operator of one repository wants, so tight that histories come against it. All blobs together are 55 bytes. */
export const historyRules = {
	repository: 1,
	options: {
		maxUniqueTags: 1,
		dockerTagRetention: 2,
		immutableTags: ['tag-2'],
		platformTags: true,
		repositoryQuota: 50,
		imageQuota: 46,
	},
};
