import type { Command, CommandName, SignatureFault, SignedCommand } from '../../contracts/commands.ts';
import type { Incoming } from '../../contracts/inbound/read-command.ts';
import type { Decision } from '../../release/approvals.ts';
import { COMMANDS } from '../../release/commands/command-table.ts';
import type { VerdictOfPerson } from '../../release/names.ts';
import type { Refusal } from '../../release/record/record.ts';
import type { Severity } from '../../release/settings.ts';
import type { RoleActivities } from '../shared/role-activities.ts';

/** A command that was let in: from whom, and whether the API vouches for it. */
export interface Taken {
  name: CommandName;
  by: string;
  reason: string;
  verified: boolean;
  /** For `approve` and `reject`. */
  decision?: Decision;
  command?: Command;
  signed?: SignedCommand;
  severity?: Severity;
  extendMs?: number;
  /** Which incident it names. */
  incidentId?: string;
}

/** `fault` is set where somebody must have sent the signal past the API: operators are told. */
export type Admission =
  | { taken: Taken }
  | { refused: Omit<Refusal, 'at'>; fault?: SignatureFault }
  | 'counted_before';

/** The first delivery of a command that counted. */
interface Counted {
  at: string;
  signatures: string[];
}

/** Deliveries of one command that are remembered: a person presses a button a few times at most. */
const DELIVERIES_KEPT = 200;

/**
 * The one way in for what people tell a workflow, whichever takes it: what was read is verified with the API's keys,
 * counts once, and says of whom it is. A workflow has one; what is signed is for the run `releaseId` only.
 */
export class Inbox {
  readonly #activities: RoleActivities;
  readonly #about: { product: string; releaseId: string };
  /** What was let in so far, by nonce. */
  readonly #counted = new Map<string, Counted>();

  constructor(activities: RoleActivities, about: { product: string; releaseId: string }) {
    this.#activities = activities;
    this.#about = about;
  }

  /** Lets a command in, or says why not. Never throws: what cannot be checked now is refused. */
  async admit(incoming: Incoming): Promise<Admission> {
    try {
      return await this.#check(incoming);
    } catch (error) {
      return refuse(
        incoming.name,
        'unknown',
        `it could not be checked: ${String(error).slice(0, 300)}`,
        undefined,
      );
    }
  }

  async #check(incoming: Incoming): Promise<Admission> {
    if (incoming.form === 'malformed') {
      return refuse(incoming.name, 'unknown', incoming.reason, 'malformed');
    }
    if (incoming.form === 'plain') return admitPlain(incoming);
    const { name, signed } = incoming;
    const check = await this.#activities
      .release(`verify who sent ${name}`)
      .verifyCommand({ signed, product: this.#about.product, releaseId: this.#about.releaseId });
    const { command } = check;
    if (!command) {
      return refuse(name, 'unknown', check.refused ?? 'its signature could not be verified', check.fault);
    }
    if (command.name !== name) {
      return refuse(name, command.person, `the signature is for ${command.name}`, 'other_command');
    }
    const now = new Date().toISOString();
    const first = this.#counted.get(command.nonce);
    if (first) {
      // The API signs each delivery anew. The very same bytes again were copied by somebody.
      if (first.signatures.includes(signed.signature)) {
        return refuse(name, command.person, `it was taken already, at ${first.at}`, 'replayed');
      }
      // The same command again is no mistake of anybody's: it is simply counted once.
      if (first.signatures.length < DELIVERIES_KEPT) first.signatures.push(signed.signature);
      return 'counted_before';
    }
    this.#counted.set(command.nonce, { at: now, signatures: [signed.signature] });
    return { taken: takeSigned(name, command, signed, now) };
  }
}

function takeSigned(name: CommandName, command: Command, signed: SignedCommand, now: string): Taken {
  return {
    name,
    by: command.person,
    reason: command.reason ?? 'no reason given',
    verified: true,
    command,
    signed,
    ...(name === 'approve' || name === 'reject'
      ? { decision: readDecision(name, command, signed, now) }
      : {}),
    ...(command.severity === undefined ? {} : { severity: command.severity }),
    ...(command.extendMs === undefined ? {} : { extendMs: command.extendMs }),
    ...(command.incidentId === undefined ? {} : { incidentId: command.incidentId }),
  };
}

function admitPlain({ name, plain }: Extract<Incoming, { form: 'plain' }>): Admission {
  const by = plain.person ? `${plain.person} (unverified)` : 'somebody (unverified)';
  if (COMMANDS[name].signed) {
    return refuse(name, by, 'it must come through the API, which signs it', 'unsigned');
  }
  return {
    taken: {
      name,
      by,
      reason: plain.reason ?? 'no reason given',
      verified: false,
      ...(plain.severity === undefined ? {} : { severity: plain.severity }),
      ...(plain.extendMs === undefined ? {} : { extendMs: plain.extendMs }),
      ...(plain.incidentId === undefined ? {} : { incidentId: plain.incidentId }),
    },
  };
}

function readDecision(
  decision: VerdictOfPerson,
  command: Command,
  signed: SignedCommand,
  at: string,
): Decision {
  return {
    nonce: command.nonce,
    gate: command.gate ?? '',
    decision,
    person: command.person,
    role: command.role ?? 'viewer',
    subject: command.subject ?? '',
    ...(command.reason === undefined ? {} : { reason: command.reason }),
    at,
    validUntil: command.validUntil,
    signed,
  };
}

function refuse(what: string, by: string, reason: string, fault: SignatureFault | undefined): Admission {
  return { refused: { what, by, reason }, ...(fault === undefined ? {} : { fault }) };
}
