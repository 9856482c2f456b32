import type { LedgerEntry } from '../ledger/entry.ts';
import type { FactOf } from '../ledger/facts.ts';
import { factsOf, type ReleaseFacts } from '../ledger/questions.ts';
import { type AttestedBuild, chooseAttested } from './choose-attested.ts';

/** The release of a version, by the ledger: what became of it, and from which commit and build. */
export interface LedgerRelease {
  releaseId: string;
  facts: ReleaseFacts;
  planned: FactOf<'planned'>;
  /** What was released, or, as long as nothing was tagged, what was committed last. */
  commit?: string;
  build?: AttestedBuild;
}

/**
 * The release of a version: the one that was tagged, else the last that planned it. A version that was given up may
 * have been planned again.
 */
export function findReleaseOf(entries: readonly LedgerEntry[], version: string): LedgerRelease | undefined {
  const ids = new Set(
    entries.flatMap(({ fact }) =>
      fact.fact === 'planned' && fact.version === version ? [fact.releaseId] : [],
    ),
  );
  const found = [...ids].map((releaseId) => ({ releaseId, facts: factsOf(entries, releaseId) }));
  const isOf = (fact: { version?: string }) => fact.version === version;
  const release = found.findLast(({ facts }) => facts.tagged.some(isOf)) ?? found.at(-1);
  if (release === undefined) return undefined;
  const { releaseId, facts } = release;
  const commit = (facts.tagged.findLast(isOf) ?? facts.committed.findLast(isOf))?.commit;
  const made = facts.committed.find((each) => each.commit === commit);
  const planned = facts.planned.findLast((each) => isOf(each) && (!made || each.binds === made.binds));
  if (planned === undefined) return undefined;
  if (commit === undefined) return { releaseId, facts, planned };
  const build = chooseAttested(entries, { releaseId, commit, bytes: listDeployed(facts, commit) });
  return { releaseId, facts, planned, commit, ...(build === undefined ? {} : { build }) };
}

/** The versions that the ledger knows, in the order in which they were planned. */
export function listVersions(entries: readonly LedgerEntry[]): string[] {
  return [...new Set(entries.flatMap(({ fact }) => (fact.fact === 'planned' ? [fact.version] : [])))];
}

/** What went into environments tells which of several builds of a commit was meant. */
function listDeployed({ changed }: ReleaseFacts, commit: string): string[] {
  const deployed = changed.findLast((change) => change.script === 'deploy' && change.commit === commit);
  return [deployed?.artifact, deployed?.image].filter((digest) => digest !== undefined);
}
