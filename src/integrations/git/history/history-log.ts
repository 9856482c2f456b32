/** Streams commits out of `git log`, one record at a time, so that memory follows what the caller keeps. */
import type { CommitRecord } from '../../../release/plan/history.ts';
import { askClone } from '../ask-clone.ts';
import { HistoryError } from '../git-errors.ts';

// NUL cannot occur in a commit message, so nothing that a message holds can look like a separator.
const FORMAT = '--format=%H%x00%P%x00%aN%x00%aE%x00%cI%x00%B';
const FIELDS = 6;

/** A commit with its parents, as a walk over the graph needs them. */
export interface LoggedCommit extends CommitRecord {
  parentShas: string[];
}

/**
 * Reads the commits that `range` selects, newest first.
 *
 * @param range full commit ids, as `A` or `A..B`; nothing else is safe to pass
 */
export async function streamLog(
  repository: string,
  range: string,
  onCommit: (commit: LoggedCommit) => void,
): Promise<void> {
  if (!/^[0-9a-f]{40,64}(?:\.\.[0-9a-f]{40,64})?$/.test(range))
    throw new Error(`Not a range of commit ids: ${range}`);
  // Decoding happens up to the last NUL of a chunk, since a chunk may end in the middle of a character.
  let pending: Buffer[] = [];
  let fields: string[] = [];
  const take = (text: string) => {
    const all = fields.length === 0 ? text.split('\0') : fields.concat(text.split('\0'));
    let at = 0;
    for (; at + FIELDS <= all.length; at += FIELDS) {
      const parents = all[at + 1] ?? '';
      const parentShas = parents === '' ? [] : parents.split(' ');
      onCommit({
        sha: all[at] ?? '',
        parents: parentShas.length,
        parentShas,
        author: { name: all[at + 2] ?? '', email: all[at + 3] ?? '' },
        date: all[at + 4] ?? '',
        message: all[at + 5] ?? '',
      });
    }
    fields = all.slice(at);
  };
  const result = await askClone(
    repository,
    // Of a range, no commit before its children, whatever their clocks said; a whole history is read as it comes.
    [
      'log',
      '-z',
      FORMAT,
      '--no-show-signature',
      '--no-notes',
      '--no-color',
      ...(range.includes('..') ? ['--date-order'] : []),
      range,
      '--',
    ],
    {
      onChunk: (chunk) => {
        const end = chunk.lastIndexOf(0);
        if (end < 0) {
          pending.push(chunk);
        } else {
          const whole = chunk.subarray(0, end);
          take((pending.length === 0 ? whole : Buffer.concat([...pending, whole])).toString('utf8'));
          pending = end + 1 < chunk.length ? [chunk.subarray(end + 1)] : [];
        }
        return true;
      },
    },
  );
  if (result.code !== 0) throw new HistoryError(`git could not read the history: ${result.stderr}`);
}
