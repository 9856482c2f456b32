import type { LedgerEntry } from '../ledger/entry.ts';
import { type AttestedFact, isAttested } from './statement.ts';

export type AttestedEntry = LedgerEntry & { fact: AttestedFact };

/** What a release's entries attest of one build: the build itself, and the gates that were run on its bytes. */
export interface AttestedBuild {
  build: AttestedEntry;
  gates: AttestedEntry[];
}

/**
 * The last build of a commit that made all these bytes (`sha256:<hex>`), with its gates; undefined where nobody made
 * them. A build that was repeated may have made others.
 */
export function chooseAttested(
  entries: readonly LedgerEntry[],
  { releaseId, commit, bytes }: { releaseId: string; commit: string; bytes: readonly string[] },
): AttestedBuild | undefined {
  const own = entries
    .filter(isAttested)
    .filter(({ fact }) => fact.releaseId === releaseId && fact.commit === commit);
  const build = own.findLast(({ fact }) => {
    if (fact.fact !== 'built') return false;
    const made = [fact.artifact, fact.image, ...fact.files];
    return bytes.every((digest) => made.includes(digest));
  });
  if (build === undefined) return undefined;
  const { artifact } = build.fact;
  const gates = own.filter(({ fact }) => fact.fact === 'gate_ended' && fact.artifact === artifact);
  return { build, gates };
}
