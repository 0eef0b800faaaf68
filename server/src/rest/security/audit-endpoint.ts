import {Type} from 'typebox';
import {shownEntry, shownEntrySchema} from '../../audit/shown-entry.ts';
import {type Endpoint, defineEndpoint} from '../endpoint.ts';
import type {SecurityParts} from './security-parts.ts';

const text = (description: string) => Type.Optional(Type.String({description, minLength: 1, maxLength: 255}));
const time = (description: string) => Type.Optional(Type.String({description, format: 'date-time'}));

const query = Type.Object({
	user: text('Who did it.'),
	action: text('Such as `user.delete`.'),
	repository: text('Key of the repository that it was done to.'),
	kind: Type.Optional(Type.Enum(['change', 'refusal'])),
	from: time('Not before.'),
	until: time('Before.'),
	limit: Type.Integer({default: 100, minimum: 1, maximum: 1000}),
	after: text('The `next` of an answer: what follows there.'),
});

/** The audit log, for administrators. */
export function auditEndpoint({metadata}: SecurityParts): Endpoint {
	return defineEndpoint({
		method: 'GET',
		path: '/api/audit',
		access: 'admin',
		tag: 'security',
		summary: 'Who changed what, and who was refused; the newest first.',
		description: 'Refusals are counted together for a few seconds before they are here. Nothing secret is in it.',
		query,
		answers: {
			200: {
				description: 'Entries, and `next` if there are more.',
				schema: Type.Object({entries: Type.Array(shownEntrySchema), next: Type.Optional(Type.String())}),
			},
			400: {description: 'A parameter is wrong: it is named.'},
		},
		async handle({query: {from, until, ...asked}}) {
			const {items, next} = await metadata.audit.list({
				...asked,
				from: from === undefined ? undefined : new Date(from),
				until: until === undefined ? undefined : new Date(until),
			});
			return {json: {entries: items.map(shownEntry), next}};
		},
	});
}
