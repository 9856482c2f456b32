import type { Mirror } from '../../integrations/git/mirror/mirror.ts';
import { askMirror } from '../../integrations/git/mirror/mirror.ts';
import { readReleaseId } from '../../release/record/release-id.ts';

/**
 * Whether a commit is a release commit that a run of this product made, by its trailer. Another run than the one that
 * asks is over, since one of a product runs at a time: what it left behind is Windlass's own, and is taken over. A branch
 * on which somebody went on is not.
 */
export async function isLeftover(mirror: Mirror, product: string, commit: string): Promise<boolean> {
  const format = '--format=%(trailers:key=Release-Id,valueonly)';
  const answer = await askMirror(mirror, ['log', '-1', format, '--end-of-options', commit], {
    acceptExitCodes: [0, 128],
  });
  const found = answer.stdout.toString('utf8').trim();
  return readReleaseId(found)?.product === product;
}
