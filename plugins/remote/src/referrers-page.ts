import type {Descriptor, Page, ReferrersRequest} from '@stowage/core';
import {pageOf} from './page-of.ts';

/** A page of referrers that are sorted, those of the wanted type. */
export function referrersPage(sorted: readonly Descriptor[], request: ReferrersRequest): Page<Descriptor> {
	const {artifactType} = request;
	const wanted = artifactType === undefined ? sorted : sorted.filter(one => one.artifactType === artifactType);
	return pageOf(wanted, request, ({digest}) => digest);
}
