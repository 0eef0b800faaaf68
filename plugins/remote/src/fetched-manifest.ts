import {hash} from 'node:crypto';
import {
	type Digest,
	type ManifestRecord,
	type Reference,
	RegistryError,
	digestAlgorithm,
	digestOf,
	dockerSchema1Type,
	dockerSignedSchema1Type,
	findDigest,
	mediaTypeOf,
	parseManifest,
} from '@stowage/core';
import type {OutboundBytes} from '@stowage/core/outbound';
import {checkEncoding} from './check-encoding.ts';
import {UpstreamError, rubbish} from './upstream-error.ts';

export interface ManifestRules {
	readonly blockPushingSchema1: boolean;
	readonly blockMismatchingMimeTypes: boolean;
}

/** Media types that say nothing of what is sent: the document itself is believed then. */
const vagueTypes: ReadonlySet<string> = new Set(['', 'application/json', 'application/octet-stream', 'text/plain']);

/**
 * The manifest in an answer. Throws an `UpstreamError` unless it is one, has the digest that was asked for, and the one
 * that the answer's header says.
 */
export function readManifest(
	{headers, bytes}: OutboundBytes,
	reference: Reference,
	rules: ManifestRules,
): ManifestRecord {
	checkEncoding(headers);
	const sent = mediaTypeOf(headers['content-type'] ?? '').toLowerCase();
	if (rules.blockMismatchingMimeTypes && !isManifestType(sent)) {
		throw rubbish('does not send a manifest', {contentType: sent.slice(0, 100)});
	}
	const told = findDigest(String(headers['docker-content-digest'] ?? ''));
	const wanted = reference.digest ?? told;
	const digest = digestOf(bytes, wanted && digestAlgorithm(wanted));
	const manifest = parse(bytes, vagueTypes.has(sent) || !isManifestType(sent) ? '' : sent, digest);
	if (rules.blockPushingSchema1 && isSchema1(manifest.mediaType)) {
		const message = 'the upstream has this image in schema 1 only, which this repository does not fetch';
		throw new UpstreamError('forbidden', 'DENIED', message);
	}
	const same = wanted === undefined || wanted === digest || (!reference.digest && isPayload(manifest, wanted));
	if (!same || (reference.digest !== undefined && told !== undefined && told !== wanted)) {
		throw rubbish('sends a manifest with another digest than it should have', {expected: wanted, actual: digest});
	}
	return manifest;
}

export function isSchema1(mediaType: string): boolean {
	return mediaType === dockerSchema1Type || mediaType === dockerSignedSchema1Type;
}

function isManifestType(type: string): boolean {
	return vagueTypes.has(type) ? type !== 'text/plain' : /[+/](?:json|prettyjws|jws)$/.test(type);
}

function parse(bytes: Buffer, mediaType: string, digest: Digest): ManifestRecord {
	try {
		return parseManifest(bytes, mediaType || ownType(bytes), digest);
	} catch (error) {
		if (error instanceof RegistryError) {
			throw new UpstreamError('rubbish', 'UNAVAILABLE', `the upstream does not send a manifest: ${error.message}`, {
				status: 502,
				cause: error,
			});
		}
		throw error;
	}
}

/** Schema 1 has no `mediaType` of its own; whatever else has none is refused by the parser. */
function ownType(bytes: Buffer): string {
	const head = bytes.toString('latin1');
	if (!/"schemaVersion"\s*:\s*1\b/.test(head)) {
		return '';
	}
	return /"signatures"\s*:/.test(head) ? dockerSignedSchema1Type : dockerSchema1Type;
}

/** The digest of a signed manifest of schema 1 is that of what was signed, without the signatures. */
function isPayload({mediaType, bytes}: ManifestRecord, digest: Digest): boolean {
	if (mediaType !== dockerSignedSchema1Type) {
		return false;
	}
	const {signatures} = JSON.parse(bytes.toString()) as {signatures?: readonly {protected?: unknown}[]};
	const text = signatures?.[0]?.protected;
	if (typeof text !== 'string') {
		return false;
	}
	const {formatLength, formatTail} = readProtected(text);
	if (typeof formatLength !== 'number' || typeof formatTail !== 'string') {
		return false;
	}
	const payload = Buffer.concat([bytes.subarray(0, formatLength), Buffer.from(formatTail, 'base64url')]);
	return `sha256:${hash('sha256', payload)}` === digest;
}

function readProtected(text: string): {readonly formatLength?: unknown; readonly formatTail?: unknown} {
	try {
		return (JSON.parse(Buffer.from(text, 'base64url').toString()) ?? {}) as object;
	} catch {
		return {};
	}
}
