import {warningValue} from '@stowage/core';

/** The headers of an answer that come of what its user should know. */
export function warningHeader(text: string | undefined): Record<string, string> {
	return text === undefined ? {} : {Warning: warningValue(text)};
}
