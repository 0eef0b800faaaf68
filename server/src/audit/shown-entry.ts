import type {AuditEntry} from '@stowage/core';
import {type Static, Type} from 'typebox';

/** An entry of the audit log as REST, the command line and lines show it. */
export const shownEntrySchema = Type.Object({
	id: Type.String(),
	time: Type.String({format: 'date-time'}),
	kind: Type.Enum(['change', 'refusal']),
	user: Type.Optional(Type.String({description: 'Left out when nobody of that name exists.'})),
	action: Type.String({description: 'Such as `user.delete`, or the method and the pattern of the path.'}),
	target: Type.String({description: 'The path.'}),
	repository: Type.Optional(Type.String()),
	address: Type.String({description: 'Of the client; `local` for the command line.'}),
	requestId: Type.Optional(Type.String()),
	status: Type.Optional(
		Type.Integer({description: 'The HTTP status. Left out when the server ended before it was known.'}),
	),
	count: Type.Integer({description: 'How often it happened within a few seconds.'}),
	details: Type.Optional(Type.Unknown({description: 'What was asked for, without secrets.'})),
});

export function shownEntry({at, id, kind, ...rest}: AuditEntry): Static<typeof shownEntrySchema> {
	return {id, time: at.toISOString(), kind, ...rest};
}
