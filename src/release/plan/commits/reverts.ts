/** Reverts: a commit and its revert inside one range cancel out, also through merges and chains of reverts. */
import { type GraphCommit, readGraph } from './merged-branch.ts';

export interface Reverted {
  /** Full or abbreviated commit ids that the body names, lower case. */
  shas: string[];
  /** Subject of the commit that is taken back, or null. */
  subject: string | null;
  /** Numbers of the pull requests that the body names, as the hosts' buttons write them. */
  pulls: number[];
  /** Of a merge: the parent to which it goes back ("reversing changes made to …"), or null. */
  mainline: string | null;
}

/** What a commit takes back, or null when it is no revert. Knows git's `Revert "…"` and `Reapply "…"`, and `revert: …`. */
export function findReverted(subject: string, body: string): Reverted | null {
  const lower = subject.toLowerCase();
  if (!['revert', 'reappl', 'back', 'undo'].some((word) => lower.includes(word))) return null;
  const plain = subject.replace(/(?:[ \t]*\((?:#|!)\d{1,10}\))+$/, '');
  const quoted =
    /^(?:[A-Za-z]+(?:\([^()]*\))?!?:[ \t]*)?(revert|reverts|reapply)[ \t]+(?:"(.*)"|'(.*)'|“(.*)”)$/i.exec(
      plain,
    );
  const typed = quoted === null ? /^reverts?(?:\([^()]*\))?!?[ \t]?:[ \t]*(.*)$/i.exec(plain) : null;
  const stated = /\b(?:revert|reapply|reapplied|back(?:s|ed)? ?out|undo)/i.test(plain);
  if (!stated) return null;
  const named = readNamed(body);
  if (quoted === null && typed === null && named.shas.length === 0 && named.pulls.length === 0) return null;
  if (quoted !== null) {
    const inner = quoted[2] ?? quoted[3] ?? quoted[4] ?? '';
    return { ...named, subject: quoted[1]?.toLowerCase() === 'reapply' ? `Revert "${inner}"` : inner };
  }
  const text = typed?.[1]?.replace(/^"(.*)"$/, '$1') ?? null;
  return { ...named, subject: text };
}

/** What the body says that is taken back: by git itself, and by the buttons of GitHub, GitLab, Bitbucket and Azure. */
function readNamed(body: string): Omit<Reverted, 'subject'> {
  const shas: string[] = [];
  for (const match of body.matchAll(
    /\b(?:This reverts|Reverts|Reverted) commits?:?[ \t\n]+`?([0-9a-f]{7,64}(?:(?:,|[ \t\n]+and|,[ \t\n]+and)?[ \t\n]+[0-9a-f]{7,64})*)/gi,
  )) {
    shas.push(...(match[1]?.toLowerCase().match(/[0-9a-f]{7,64}/g) ?? []));
  }
  const pulls = [
    ...body.matchAll(
      /\b(?:This reverts|Reverts|Reverted) (?:(?:merge|pull) requests? |PR )?(?:[\w.-]+(?:\/[\w.-]+)+)?[#!](\d{1,10})\b/gi,
    ),
  ].map((match) => Number(match[1]));
  const mainline = /\breversing\s+changes made to\s+([0-9a-f]{7,64})/i.exec(body)?.[1]?.toLowerCase() ?? null;
  return { shas, pulls, mainline };
}

/** What cancelling needs to know of a commit. */
export interface Revertible extends GraphCommit {
  subject: string;
  reverted: Reverted | null;
  /** The pull request that it is, or that it merged; null where it does not say. */
  pullRequest?: number | null;
}

/** How many merges of a range are taken apart; more exist only to do harm. */
const MAX_MERGES = 500;

/**
 * The commits that undo each other inside the range, by index. A revert that is itself reverted does not count, so
 * a reapplied change stays. A revert whose target lies before the range is no pair: it is a change of its own.
 *
 * @param commits newest first
 */
export function findCancelled(commits: readonly Revertible[]): Set<number> {
  const cancelled = new Set<number>();
  if (!commits.some((commit) => commit.reverted !== null)) return cancelled;
  const bySubject = new Map<string, number[]>();
  commits.forEach((commit, index) => {
    const key = comparable(commit.subject);
    const same = bySubject.get(key);
    if (same === undefined) bySubject.set(key, [index]);
    else same.push(index);
  });
  // By their first seven digits, git's shortest abbreviation, so that many reverts stay cheap.
  const byPrefix = new Map<string, number[]>();
  commits.forEach((commit, index) => {
    const prefix = commit.sha.slice(0, 7).toLowerCase();
    const same = byPrefix.get(prefix);
    if (same === undefined) byPrefix.set(prefix, [index]);
    else same.push(index);
  });
  const findSha = (sha: string): number | undefined =>
    byPrefix.get(sha.slice(0, 7))?.find((index) => commits[index]?.sha.toLowerCase().startsWith(sha));

  const byPull = new Map<number, number[]>();
  commits.forEach(({ pullRequest }, index) => {
    if (pullRequest == null) return;
    const same = byPull.get(pullRequest);
    if (same === undefined) byPull.set(pullRequest, [index]);
    else same.push(index);
  });
  const graph = readGraph(commits);
  let merges = 0;
  const brought = (index: number, mainline: string | null): number[] => {
    if ((commits[index]?.parentShas?.length ?? 1) < 2 || ++merges > MAX_MERGES) return [index];
    return graph.findBrought(index, mainline);
  };
  commits.forEach((commit, index) => {
    const { reverted } = commit;
    if (reverted === null || cancelled.has(index)) return;
    const isOlder = (target: number) => target > index;
    let targets = reverted.shas.map(findSha).filter((target) => target !== undefined && target !== index);
    // A revert of several commits counts as done only when all of them are in the range.
    if (targets.length > 0 && targets.length < reverted.shas.length) return;
    if (targets.length === 0) {
      targets = reverted.pulls.flatMap((pull) => byPull.get(pull)?.filter(isOlder) ?? []);
    }
    if (targets.length === 0 && reverted.subject !== null) {
      const older = bySubject
        .get(comparable(reverted.subject))
        ?.find((target) => isOlder(target) && !cancelled.has(target));
      if (older !== undefined) targets.push(older);
    }
    // To take a merge back takes back all that it brought.
    const whole = targets.flatMap((target) => brought(target ?? index, reverted.mainline));
    const open = whole.filter((target) => !cancelled.has(target) && target !== index);
    if (open.length === 0) return;
    for (const target of open) cancelled.add(target);
    cancelled.add(index);
  });
  if (cancelled.size > 0) cancelEmptyMerges(commits, cancelled, brought);
  return cancelled;
}

/** A merge repeats what its branch says: where nothing is left of the branch, nothing is left of the merge. */
function cancelEmptyMerges(
  commits: readonly Revertible[],
  cancelled: Set<number>,
  brought: (index: number, mainline: string | null) => number[],
): void {
  commits.forEach((commit, index) => {
    if ((commit.parentShas?.length ?? 1) < 2 || cancelled.has(index)) return;
    const branch = brought(index, null).filter((member) => member !== index);
    if (branch.length > 0 && branch.every((member) => cancelled.has(member))) cancelled.add(index);
  });
}

/** Subjects are compared without the pull request numbers that squashing appends. */
function comparable(subject: string): string {
  return subject
    .replace(/(?:[ \t]*\((?:#|!)\d{1,10}\))+(?="*$)/g, '')
    .trim()
    .toLowerCase();
}
