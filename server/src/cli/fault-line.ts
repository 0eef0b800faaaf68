import type {BlobFault} from '@stowage/core';

/** What a command prints of something that is not as it should be on a storage. */
export function faultLine(fault: BlobFault): string {
	const kind = fault.kind.padEnd(12);
	if (fault.kind === 'unreferenced') {
		return `${kind}  ${fault.object.key} (${fault.object.size} bytes)\n`;
	}
	const {digest, key} = fault.blob;
	return `${kind}  ${digest} at ${key}${fault.kind === 'missing' ? '' : `: ${fault.message}`}\n`;
}
