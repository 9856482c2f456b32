/** Reverts: a commit and its revert inside one range cancel out, also through chains of reverts. */

export interface Reverted {
  /** Full or abbreviated commit ids that the body names, lower case. */
  shas: string[];
  /** Subject of the commit that is taken back, or null. */
  subject: string | null;
}

/** What a commit takes back, or null when it is no revert. Knows git's `Revert "…"` and `Reapply "…"`, and `revert: …`. */
export function findReverted(subject: string, body: string): Reverted | null {
  const lower = subject.toLowerCase();
  if (!['revert', 'reappl', 'back', 'undo'].some((word) => lower.includes(word))) return null;
  const plain = subject.replace(/(?:[ \t]*\((?:#|!)\d{1,10}\))+$/, '');
  const quoted = /^(?:[A-Za-z]+(?:\([^()]*\))?!?:[ \t]*)?(revert|reverts|reapply)[ \t]+"(.*)"$/i.exec(plain);
  const typed = quoted === null ? /^reverts?(?:\([^()]*\))?!?[ \t]?:[ \t]*(.*)$/i.exec(plain) : null;
  const stated = /\b(?:revert|reapply|reapplied|back(?:s|ed)? ?out|undo)/i.test(plain);
  if (!stated) return null;
  const shas: string[] = [];
  for (const match of body.matchAll(
    /\bThis reverts commits?[ \t\n]+([0-9a-f]{7,64}(?:(?:,|[ \t\n]+and|,[ \t\n]+and)?[ \t\n]+[0-9a-f]{7,64})*)/gi,
  )) {
    shas.push(...(match[1]?.toLowerCase().match(/[0-9a-f]{7,64}/g) ?? []));
  }
  if (quoted === null && typed === null && shas.length === 0) return null;
  if (quoted !== null) {
    const inner = quoted[2] ?? '';
    return { shas, subject: quoted[1]?.toLowerCase() === 'reapply' ? `Revert "${inner}"` : inner };
  }
  const text = typed?.[1]?.replace(/^"(.*)"$/, '$1') ?? null;
  return { shas, subject: text };
}

/** What cancelling needs to know of a commit. */
export interface Revertible {
  sha: string;
  subject: string;
  reverted: Reverted | null;
}

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

  commits.forEach((commit, index) => {
    if (commit.reverted === null || cancelled.has(index)) return;
    const targets = commit.reverted.shas
      .map(findSha)
      .filter((target): target is number => target !== undefined && target !== index);
    if (targets.length === 0 && commit.reverted.subject !== null) {
      const older = bySubject
        .get(comparable(commit.reverted.subject))
        ?.find((target) => target > index && !cancelled.has(target));
      if (older !== undefined) targets.push(older);
    }
    const open = targets.filter((target) => !cancelled.has(target));
    // A revert of several commits counts as done only when all of them are in the range.
    if (open.length === 0 || open.length < commit.reverted.shas.length) return;
    for (const target of open) cancelled.add(target);
    cancelled.add(index);
  });
  return cancelled;
}

/** Subjects are compared without the pull request numbers that squashing appends. */
function comparable(subject: string): string {
  return subject
    .replace(/(?:[ \t]*\((?:#|!)\d{1,10}\))+(?="*$)/g, '')
    .trim()
    .toLowerCase();
}
