import type {OutboundBytes, OutboundClient} from '@stowage/core/outbound';
import type {UpstreamAddress} from './upstream-address.ts';

/** More than an answer has that is read for its status and headers only. */
const maxBytes = 4 * 1024 * 1024;

export interface AskedBase {
	readonly client: OutboundClient;
	readonly address: UpstreamAddress;
	readonly withinMs: number;
}

/** What the upstream answers at `/v2/`, where clients begin, to who does not say who he is. Rejects with `OutboundError`. */
export function askBase({client, address, withinMs}: AskedBase): Promise<OutboundBytes> {
	return client.fetch({method: 'GET', url: address.base}, {maxBytes, withinMs});
}
