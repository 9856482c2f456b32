import { isAttested } from '../../release/attestation/statement.ts';
import { isSprintEnd } from '../../release/calendar/calendar.ts';
import type { LedgerEntry } from '../../release/ledger/entry.ts';
import type { LedgerFact } from '../../release/ledger/facts.ts';
import { factsOf, findEntry, wasLive } from '../../release/ledger/questions.ts';
import type { ProductSettings } from '../../release/settings.ts';
import { type ActivityDeps, findProduct } from '../deps.ts';
import { fail } from '../fail.ts';
import type { Change } from './change.ts';
import { ACTIVITY_CHANGES, type ActivityName } from './describe-changes.ts';
import { ACTIVITY_FACTS } from './describe-facts.ts';
import { refuseByConfiguration } from './refuse-by-configuration.ts';
import { refuseByLedger } from './refuse-by-ledger.ts';
import { requireApprovals } from './require-approvals.ts';

type Activity = (input: never) => Promise<unknown>;

/**
 * The one way to a role's activities: whatever changes something is asked for first, in {@link allow}, before any of its
 * code sees the input, and what it did is written into the ledger before anybody hears of it. Anybody who reaches the
 * namespace can call an activity with whatever he likes.
 */
export function guardActivities<T extends object>(deps: ActivityDeps, activities: T): T {
  const guarded = Object.entries(activities).map(([name, run]: [string, Activity]) => {
    const describe = ACTIVITY_CHANGES[name as ActivityName];
    const describeFact = ACTIVITY_FACTS[name as ActivityName] as
      | ((input: never, result: unknown) => LedgerFact | undefined)
      | undefined;
    if (describe === 'looks' && describeFact === undefined) return [name, run];
    const asked = async (input: never) => {
      if (describe !== 'looks') await allow(deps, readChange(name, describe, input));
      const result = await run(input);
      const fact = describeFact?.(input, result);
      if (fact !== undefined) await note(deps, nameProduct(input, fact), fact);
      return result;
    };
    return [name, asked];
  });
  return Object.fromEntries(guarded) as T;
}

/**
 * The one policy point: says no to a change that this worker's own configuration, the ledger or the approvals do not
 * allow, whatever its input claims.
 * @throws `NotAuthorized`, with nothing changed
 */
export async function allow(deps: ActivityDeps, change: Change): Promise<void> {
  const product = findProduct(deps, change.product);
  const entries = await deps.ledger?.read(product.name);
  const refused =
    refuseByConfiguration(product, change) ??
    (entries && (await refuseByLedger(deps, product, change, entries)));
  if (refused === undefined) return requireApprovals(deps, product, change, entries);
  throw fail('NotAuthorized', {
    what: `not authorized (${change.change.replaceAll('_', ' ')} of ${product.name}): ${refused}`,
    changed: 'nothing',
    next: 'if this is a release of yours, replan it; else find out who schedules work on the queues of this namespace',
  });
}

/** Writes down what was done. A try that is repeated finds it done, and writes it down if the last one could not. */
async function note(deps: ActivityDeps, name: string, fact: LedgerFact): Promise<void> {
  if (!deps.ledger) return;
  const entries = await deps.ledger.read(name);
  if (!isWorthNoting(findProduct(deps, name), entries, fact)) return;
  await deps.ledger.append(name, fact);
  if (!deps.attestations || !isAttested({ fact })) return;
  const entry = findEntry(await deps.ledger.read(name), fact);
  if (entry !== undefined) await deps.attestations.keep(entry);
}

function isWorthNoting(product: ProductSettings, entries: readonly LedgerEntry[], fact: LedgerFact): boolean {
  switch (fact.fact) {
    case 'started':
      return isOfSchedule(product, entries, fact.releaseId);
    case 'found_running':
      // What Windlass brought there counts when it was verified, and not for being there.
      return !wasBrought(entries, fact) && !wasLive(entries, fact.environment, fact.version);
    case 'verified':
      return wasBrought(entries, fact);
    default:
      return true;
  }
}

function wasBrought(
  entries: readonly LedgerEntry[],
  { environment, version }: { environment: string; version: string },
): boolean {
  return entries.some(
    ({ fact }) =>
      fact.fact === 'environment_changed' && fact.environment === environment && fact.version === version,
  );
}

/** In the week in which a sprint ends, one release at a time. */
function isOfSchedule(
  { schedule }: ProductSettings,
  entries: readonly LedgerEntry[],
  releaseId: string,
): boolean {
  if (schedule === undefined || !isSprintEnd(schedule, Date.now())) return false;
  const open = entries.some(
    ({ fact }) =>
      fact.fact === 'started' &&
      fact.via === 'schedule' &&
      fact.releaseId !== releaseId &&
      factsOf(entries, fact.releaseId).ended === undefined,
  );
  return !open;
}

/** Of an input that was allowed, or that the activity itself could use. */
function nameProduct(input: unknown, { releaseId }: LedgerFact): string {
  const { product, request, plan, ready, record } = input as Record<
    string,
    { product?: string; request?: { product?: string } } | undefined
  >;
  const named =
    typeof product === 'string'
      ? product
      : (request?.product ?? record?.product ?? plan?.request?.product ?? ready?.request?.product);
  if (named === undefined) throw new Error(`no product for what ${releaseId} did`);
  return named;
}

function readChange(name: string, describe: (input: never) => Change, input: never): Change {
  try {
    return describe(input);
  } catch {
    throw fail('NotAuthorized', {
      what: `not authorized: the input of ${name} does not say what is to be changed`,
      changed: 'nothing',
      next: 'find out who schedules work on the queues of this namespace',
    });
  }
}
