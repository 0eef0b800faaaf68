export {type AddressGuardOptions, AddressGuard, isAddressRange} from './address-guard.ts';
export {discardBody} from './discard-body.ts';
export * from './outbound-client.ts';
export {type OutboundErrorCode, OutboundError} from './outbound-error.ts';
export {passingStatuses} from './passing-statuses.ts';
