/** Whether a commit contains others: a matter of the graph alone, whatever the clocks said. */
import { askClone } from '../ask-clone.ts';
import { HistoryError } from '../git-errors.ts';

/** How many are asked one by one at most; they run at the same time. */
export const ASKED_AT_MOST = 8;

/**
 * Which of some commits `head` contains. Each costs git the way to where the two meet.
 *
 * @param head full commit id
 * @param shas full commit ids, at most `ASKED_AT_MOST`
 */
export async function findContained(
  repository: string,
  head: string,
  shas: readonly string[],
): Promise<Set<string>> {
  const answers = await Promise.all(
    [...new Set(shas)].map(async (sha) => {
      const { code } = await askClone(repository, ['merge-base', '--is-ancestor', sha, head]);
      return code === 0 ? [sha] : [];
    }),
  );
  return new Set(answers.flat());
}

/** Every commit that `head` contains. */
export async function readAllContained(repository: string, head: string): Promise<Set<string>> {
  const { code, stdout, stderr } = await askClone(repository, ['rev-list', head, '--']);
  if (code !== 0) throw new HistoryError(`git could not read the history: ${stderr}`);
  return new Set(stdout.trimEnd().split('\n'));
}
