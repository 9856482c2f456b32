import { realpath } from 'node:fs/promises';
import { resolve, sep } from 'node:path';
import type { ProductScriptName } from '../../release/settings.ts';
import { fail } from '../fail.ts';

/** What both scripts that make something are told: of which release it is, and the one date that may go into it. */
export function tellBuild(
  script: ProductScriptName,
  input: { releaseId: string; version: string; commit: string; plannedAt: string },
): Record<string, string> {
  return {
    WINDLASS_VERSION: input.version,
    WINDLASS_RELEASE_ID: input.releaseId,
    WINDLASS_EFFECT_KEY: `${input.releaseId}/${script}/${input.commit}`,
    // The convention of reproducible-builds.org: tools that know it leave no date of their own.
    SOURCE_DATE_EPOCH: String(Math.floor(Date.parse(input.plannedAt) / 1_000)),
  };
}

/**
 * The real path of something that a script says it made; links are followed, and must not lead out of the checkout.
 * @throws a `Mistake` that names it as `what`
 */
export async function findMade(
  folder: string,
  named: string,
  what: string,
  advice = 'correct the path that the script writes to WINDLASS_OUTPUT',
): Promise<string> {
  const root = await realpath(folder);
  const path = await realpath(resolve(root, named)).catch(() => '');
  if (path.startsWith(root + sep)) return path;
  throw fail('Mistake', {
    what: `${what} ${JSON.stringify(named.slice(0, 200))} is not inside the checkout`,
    changed: 'nothing',
    next: `${advice}, then replan`,
  });
}
