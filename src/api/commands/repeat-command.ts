/** A command that is sent again under its key is the same one: sent once, answered as then. */
import { createHash } from 'node:crypto';
import type { Command, SignedCommand } from '../../contracts/commands.ts';
import { verifySigned } from '../../integrations/signing/signing.ts';
import type { Principal } from '../auth/principal.ts';
import type { ApiDeps } from '../deps.ts';
import type { CurrentRelease } from '../gateway.ts';
import { ApiProblem } from '../problem.ts';
import type { CommandAnswer, CommandWish } from './command-wish.ts';
import { describeEnded, keysCountSince } from './request-key.ts';

/** From the key, so that a repeated request is the same command; without a key, of its own. */
export function makeNonce(deps: ApiDeps, principal: Principal, wish: CommandWish): string {
  if (wish.key === undefined) return Buffer.from(deps.random(16)).toString('hex');
  // Approving and rejecting are one question: a key that was used for the one is not good for the other.
  const asked = wish.name === 'approve' || wish.name === 'reject' ? 'decision' : wish.name;
  const parts = [wish.key, principal.name, wish.product, asked, wish.gate ?? '', wish.kind ?? 'release'];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}

/** A command of this nonce that the release has received. What somebody else planted there does not verify. */
export async function findEarlier(
  deps: ApiDeps,
  current: { workflowId: string; runId?: string },
  nonce: string,
): Promise<Command | undefined> {
  const signed = await deps.gateway.findCommand(current, nonce, keysCountSince(deps));
  if (!signed) return undefined;
  // At the time of its own: it may have expired since, and was sent all the same.
  const issued = new Date(readIssuedAt(signed) ?? deps.clock().getTime());
  const checked = verifySigned(signed, deps.installation.api.verifyKeys, issued);
  return 'nonce' in checked && checked.nonce === nonce ? checked : undefined;
}

function readIssuedAt({ signed }: SignedCommand): number | undefined {
  const { issuedAt } = JSON.parse(signed) as { issuedAt?: unknown };
  const at = typeof issuedAt === 'string' ? Date.parse(issuedAt) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}

/** The answer to a command that was sent before: as then, and what became of it where it can have no effect any more. */
export async function answerEarlier(
  deps: ApiDeps,
  earlier: Command,
  wish: CommandWish,
  { record, open }: Pick<CurrentRelease, 'record' | 'open'>,
): Promise<CommandAnswer> {
  const answer = answerAgain(earlier, wish);
  const isHere = earlier.releaseId === record.releaseId && open;
  return isHere ? answer : { ...answer, ended: await describeEnded(deps, wish.product, earlier.releaseId) };
}

/** The answer to a command that was sent before under this key. @throws ApiProblem 422 when it was another one. */
export function answerAgain(earlier: Command, wish: CommandWish): CommandAnswer {
  const same =
    earlier.name === wish.name &&
    earlier.reason === wish.comment &&
    (wish.role === undefined || earlier.role === wish.role) &&
    earlier.severity === wish.severity &&
    earlier.extendMs === wish.extendMs &&
    earlier.incidentId === wish.incidentId &&
    earlier.over === wish.over &&
    earlier.changelog === wish.changelog &&
    earlier.notes === wish.notes;
  if (same) return describeCommand(earlier);
  throw keyReused();
}

/** 422, as the IETF's draft on the Idempotency-Key has it. */
export function keyReused(): ApiProblem {
  return new ApiProblem({
    status: 422,
    code: 'key-reused',
    title: 'Key used for something else',
    detail: 'This Idempotency-Key came with another content before; nothing was sent.',
    hint: 'use a new key for a new request',
  });
}

/** What the sender of this command is told. */
export function describeCommand(command: Command): CommandAnswer {
  return {
    accepted: true,
    command: command.name,
    product: command.product,
    releaseId: command.releaseId,
    person: command.person,
    ...(command.role === undefined ? {} : { role: command.role }),
    ...(command.gate === undefined ? {} : { gate: command.gate }),
    nonce: command.nonce,
    issuedAt: command.issuedAt,
    validUntil: command.validUntil,
  };
}
