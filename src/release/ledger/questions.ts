import type { LedgerEntry } from './entry.ts';
import type { FactOf, LedgerFact } from './facts.ts';

/** Everything that the ledger says of one release. */
export interface ReleaseFacts {
  started?: FactOf<'started'>;
  begun: FactOf<'begun'>[];
  planned: FactOf<'planned'>[];
  committed: FactOf<'committed'>[];
  built: FactOf<'built'>[];
  gates: FactOf<'gate_ended'>[];
  published: FactOf<'published'>[];
  changed: FactOf<'environment_changed'>[];
  merged: FactOf<'merged'>[];
  tagged: FactOf<'tagged'>[];
  ended?: FactOf<'ended'>;
}

/** What the ledger says of one release, by kind of fact, in the order in which it was written. */
export function factsOf(entries: readonly LedgerEntry[], releaseId: string): ReleaseFacts {
  const own = entries.map(({ fact }) => fact).filter((fact) => fact.releaseId === releaseId);
  const all = <Name extends LedgerFact['fact']>(name: Name) =>
    own.filter((fact): fact is FactOf<Name> => fact.fact === name);
  // A try that came to nothing is no start, and no end either: the same request may be sent again, by another copy too.
  const vain = all('ended').filter(({ outcome, nonce }) => outcome === 'not_started' && nonce !== undefined);
  const [started] = all('started').filter((start) => !vain.some(({ nonce }) => nonce === start.nonce));
  const [ended] = all('ended').filter((end) => !vain.includes(end));
  return {
    ...(started === undefined ? {} : { started }),
    begun: all('begun'),
    planned: all('planned'),
    committed: all('committed'),
    built: all('built'),
    gates: all('gate_ended'),
    published: all('published'),
    changed: all('environment_changed'),
    merged: all('merged'),
    tagged: all('tagged'),
    ...(ended === undefined ? {} : { ended }),
  };
}

/**
 * Whether a version ran in an environment and was well there: it was found there, or a release brought it and it was
 * verified, or its release went on to its end. Only there may anybody go back to. What was rolled back counts no more,
 * until it is brought there anew.
 */
export function wasLive(entries: readonly LedgerEntry[], environment: string, version: string): boolean {
  const takenBack = entries.findLastIndex(
    ({ fact }) => fact.fact === 'ended' && fact.outcome === 'rolled_back' && fact.version === version,
  );
  return entries.slice(takenBack + 1).some(({ fact }) => {
    switch (fact.fact) {
      case 'found_running':
      case 'verified':
        return fact.environment === environment && fact.version === version;
      case 'environment_changed':
        return fact.environment === environment && fact.version === version && wasReleased(entries, fact);
      default:
        return false;
    }
  });
}

function wasReleased(entries: readonly LedgerEntry[], { releaseId }: { releaseId: string }): boolean {
  const outcome = factsOf(entries, releaseId).ended?.outcome;
  return outcome === 'released' || outcome === 'completed';
}

/** The packages of the product that this registry was ever given. */
export function wasPublished(
  entries: readonly LedgerEntry[],
  wanted: { registry: string; package: string; version?: string; digest?: string },
): boolean {
  return entries.some(
    ({ fact }) =>
      fact.fact === 'published' &&
      fact.registry === wanted.registry &&
      fact.package === wanted.package &&
      (wanted.version === undefined || fact.version === wanted.version) &&
      (wanted.digest === undefined || fact.digest === wanted.digest),
  );
}

/** What an environment was changed to last; undefined where nothing is known. */
export function lastVersion(entries: readonly LedgerEntry[], environment: string): string | undefined {
  const MOVES = ['deploy', 'traffic', 'rollback'];
  const last = entries.findLast(
    ({ fact }) =>
      fact.fact === 'environment_changed' && fact.environment === environment && MOVES.includes(fact.script),
  )?.fact;
  return last?.fact === 'environment_changed' ? last.version : undefined;
}

/** Whether the very same was written down before: a try that is repeated says nothing new. */
export function isKnown(entries: readonly LedgerEntry[], fact: LedgerFact): boolean {
  return findEntry(entries, fact) !== undefined;
}

/** The entry that says the very same, if there is one. */
export function findEntry(entries: readonly LedgerEntry[], fact: LedgerFact): LedgerEntry | undefined {
  const text = JSON.stringify(sorted(fact));
  return entries.find((entry) => JSON.stringify(sorted(entry.fact)) === text);
}

function sorted(fact: LedgerFact): [string, unknown][] {
  return Object.entries(fact).sort(([a], [b]) => (a < b ? -1 : 1));
}
