import type { Signature } from '../../../integrations/git/create-commit.ts';

/** Who makes the commits and tags of a release. Constant, since commit ids are a function of it. */
export const WINDLASS_SIGNATURE: Signature = { name: 'Windlass', email: 'windlass@localhost' };

/** The trailer by which commits of a release are known: they never count as something to release. */
export function withReleaseTrailer(message: string, releaseId: string): string {
  return `${message}\n\nRelease-Id: ${releaseId}\n`;
}
