import type {ImageName} from '../oci/image-name.ts';
import type {Action} from './action.ts';

/**
 * Who asks. Made once per request by authentication; jobs use a caller that may do everything. A repository made of
 * others asks `may` for each member: nobody learns through a virtual repository what its member would not tell him.
 */
export interface Caller {
	/** The user's name; `anonymous` for somebody who did not say. */
	readonly name: string;
	readonly anonymous: boolean;
	/** May do everything, and what is asked of the server as a whole. */
	readonly admin: boolean;
	/** Without `image`: whether there is any image of the repository to which the action is allowed. */
	may(action: Action, repository: string, image?: ImageName): boolean;
	/**
	 * The same caller towards the members of `repository`: what his token allows there it allows on each of them, as far as
	 * his own rights on that member go. Left out by a caller whose rights no token narrows.
	 */
	through?(repository: string): Caller;
}
