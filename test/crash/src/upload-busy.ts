/** The registry still keeps an upload for the process that was killed while it wrote to it. */
export class UploadBusy extends Error {
	readonly code = 'UPLOAD_BUSY';

	/** How long the registry asks its client to wait, in milliseconds. */
	readonly waitMs: number;

	constructor(waitMs: number) {
		super('the upload is still kept for a process that was killed');
		this.name = 'UploadBusy';
		this.waitMs = waitMs;
	}
}
