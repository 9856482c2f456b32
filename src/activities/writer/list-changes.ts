import { askMirror, findCommit, type Mirror } from '../../integrations/git/mirror/mirror.ts';
import { assertSha, tagRef } from '../../integrations/git/names.ts';
import {
  type Changes,
  DEFAULT_MIGRATIONS,
  DEPENDENCY_FILES,
  listRisks,
} from '../../release/policy/approval-rules.ts';
import type { ProductSettings } from '../../release/settings.ts';

/**
 * What a release changes of what the product's approval rules ask about, from the files themselves: between the
 * version before and the commit that is released. Everything, for a first release. `undefined` where no rule asks.
 * @throws {GitFailed}
 */
export async function listChanges(
  mirror: Mirror,
  product: ProductSettings,
  { base, previousTag }: { base: string; previousTag: string | undefined },
): Promise<Changes | undefined> {
  const risks = [...new Set((product.approvals.rules ?? []).flatMap(listRisks))];
  if (risks.length === 0) return undefined;
  const before = previousTag === undefined ? undefined : await findCommit(mirror, tagRef(previousTag));
  const changes: Changes = {};
  for (const risk of risks) {
    changes[risk] = before === undefined || (await isChanged(mirror, product, { before, base, risk }));
  }
  return changes;
}

async function isChanged(
  mirror: Mirror,
  product: ProductSettings,
  { before, base, risk }: { before: string; base: string; risk: string },
): Promise<boolean> {
  const isOfProduct = risk.startsWith('path ') ? () => true : (path: string) => belongsTo(product, path);
  const args = ['diff-tree', '-r', '-z', '--name-only', '--no-renames', assertSha(before), assertSha(base)];
  const specs = patternsOf(product, risk).map((pattern) => `:(top,glob)${pattern}`);
  const { stdout } = await askMirror(mirror, [...args, '--', ...specs], {
    env: { GIT_LITERAL_PATHSPECS: '0' },
  });
  return stdout.toString('utf8').split('\0').filter(Boolean).some(isOfProduct);
}

function patternsOf(product: ProductSettings, risk: string): readonly string[] {
  if (risk === 'migrations') return product.migrationPaths ?? DEFAULT_MIGRATIONS;
  if (risk === 'dependencies') return DEPENDENCY_FILES;
  return [risk.slice('path '.length)];
}

/** Of a monorepo only what is part of the product: another one's migrations are no risk of this one. */
function belongsTo({ path, includePaths = [], excludePaths = [] }: ProductSettings, file: string): boolean {
  const isIn = (folder: string) => folder === '' || file === folder || file.startsWith(`${folder}/`);
  return [path, ...includePaths].some(isIn) && !excludePaths.some(isIn);
}
