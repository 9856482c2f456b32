import type { Command, CommandName } from '../../contracts/commands.ts';
import type { PersonRole } from '../../release/settings.ts';
import type { FlowKind } from '../flows.ts';
import type { Ended } from './request-key.ts';

/** What means the same in a wish as in the command that it becomes. */
type Carried =
  | 'name'
  | 'product'
  | 'gate'
  | 'role'
  | 'severity'
  | 'extendMs'
  | 'incidentId'
  | 'incidentKey'
  | 'over'
  | 'changelog'
  | 'notes';

/** What a person wants, as a route has read it. */
export interface CommandWish extends Pick<Command, Carried> {
  /** Which of the product's flows; its release, where nothing is said. */
  kind?: FlowKind;
  comment?: string;
  /** What the person was shown: refused when something else is waiting by now. */
  subject?: string;
  /** The question that the person was shown, as an action's `answers` has it. */
  answers?: string;
  /** The Idempotency-Key: the same key gives the same command, and the same answer. */
  key?: string;
}

/** What the sender is told once Temporal has accepted the signal. */
export interface CommandAnswer {
  accepted: true;
  command: CommandName;
  product: string;
  releaseId: string;
  person: string;
  role?: PersonRole;
  gate?: string;
  /** Which flow it went to, where that was not asked for. */
  kind?: string;
  nonce: string;
  issuedAt: string;
  validUntil: string;
  /** Set where the same request came before, to a release that is over: nothing was sent now. */
  ended?: Ended;
}
