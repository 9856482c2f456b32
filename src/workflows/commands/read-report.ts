import type { Command } from '../../contracts/commands.ts';
import { readCommand } from '../../contracts/inbound/read-command.ts';
import { incidentWorkflowId } from '../../contracts/workflow-ids.ts';
import type { Severity } from '../../release/settings.ts';
import type { RoleActivities } from '../shared/role-activities.ts';

/** One report or answer, as far as it was verified. */
export interface Said {
  what: 'incident' | 'rollback' | 'dismiss';
  by: string;
  reason: string;
  verified: boolean;
  severity?: Severity;
  estimateMs?: number;
  /** Named without a signature. */
  incidentId?: string;
  command?: Command;
}

export interface Refused {
  refused: string;
  by: string;
}

/** What a signal says. A dismissal or a rollback counts only with the API's signature, each once. */
export async function readReport(
  activities: RoleActivities,
  product: string,
  what: Said['what'],
  argument: unknown,
  nonces: string[],
): Promise<Said | Refused> {
  const incoming = readCommand(what, argument);
  if (incoming.form === 'malformed') return { refused: incoming.reason, by: 'unknown' };
  if (incoming.form === 'plain') {
    const { plain } = incoming;
    const by = plain.person ? `${plain.person} (unverified)` : 'somebody (unverified)';
    if (what !== 'incident') return { refused: 'it must come through the API, which signs it', by };
    return {
      what,
      by,
      reason: plain.reason ?? 'no summary given',
      verified: false,
      ...(plain.severity === undefined ? {} : { severity: plain.severity }),
      ...(plain.incidentId === undefined ? {} : { incidentId: plain.incidentId }),
    };
  }
  try {
    const { command, refused } = await activities
      .release(`verify who sent ${what}`)
      .verifyCommand({ signed: incoming.signed, product, releaseId: incidentWorkflowId(product) });
    if (!command) return { refused: refused ?? 'its signature could not be verified', by: 'unknown' };
    if (command.name !== what) return { refused: `the signature is for ${command.name}`, by: command.person };
    if (nonces.includes(command.nonce)) return { refused: 'it was taken already', by: command.person };
    nonces.push(command.nonce);
    return {
      what,
      by: command.person,
      reason: command.reason ?? 'no reason given',
      verified: true,
      command,
      ...(command.severity === undefined ? {} : { severity: command.severity }),
      ...(command.extendMs === undefined ? {} : { estimateMs: command.extendMs }),
    };
  } catch (error) {
    return { refused: `it could not be checked: ${String(error).slice(0, 200)}`, by: 'unknown' };
  }
}
