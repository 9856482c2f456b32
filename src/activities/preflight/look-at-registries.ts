import { join } from 'node:path/posix';
import type { PreflightFinding } from '../../contracts/preflight.ts';
import { readCommitFiles } from '../../integrations/git/commit-files.ts';
import { readFileAt } from '../../integrations/git/mirror/mirror.ts';
import { listRegistries, openProductRegistry } from '../open-registry.ts';
import { failedFinding } from './findings.ts';
import type { Look, LookedAt, Tip } from './look.ts';

/** Would each registry take what is released? Each knows for itself what it would refuse. */
export const lookAtRegistries: Look = async (at) => {
  const tip = await at.tip().catch(() => undefined);
  if (tip === undefined) return [];
  const names = listRegistries(at.product);
  return (await Promise.all(names.map((name) => lookAtRegistry(at, tip, name)))).flat();
};

async function lookAtRegistry(
  { deps, product }: LookedAt,
  { mirror, base }: Tip,
  name: string,
): Promise<PreflightFinding[]> {
  const subject = `registry ${name}`;
  try {
    const registry = await openProductRegistry(deps, product, name);
    const read = (path: string) => readFileAt(mirror, base, join(product.path, path));
    const problems = await registry.preflight(read, readCommitFiles(mirror, base));
    if (problems.length === 0) return [{ subject, state: 'ok', found: 'would take a release' }];
    const whose = 'see what its program says';
    return problems.map(({ found, advice = whose }) => ({ subject, state: 'problem', found, advice }));
  } catch (error) {
    // One that is away now may well answer hours from here, when it is published to; a refusal stays one.
    const state = (error as { retryable?: boolean }).retryable === false ? 'problem' : 'warning';
    return [failedFinding(subject, state, error, 'see that it answers, and look again')];
  }
}
