import { isPartOf, readScope } from '../../integrations/git/history/history-scope.ts';
import { askMirror, findCommit, type Mirror } from '../../integrations/git/mirror/mirror.ts';
import { assertSha, tagRef } from '../../integrations/git/names.ts';
import {
  type Changes,
  DEFAULT_MIGRATIONS,
  DEPENDENCY_FILES,
  listRisks,
  nameRisk,
  type Risk,
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
  const risks = (product.approvals.rules ?? []).flatMap(listRisks);
  if (risks.length === 0) return undefined;
  const before = previousTag === undefined ? undefined : await findCommit(mirror, tagRef(previousTag));
  const changes: Changes = {};
  for (const risk of risks) {
    changes[nameRisk(risk)] ??=
      before === undefined || (await isChanged(mirror, product, { before, base, risk }));
  }
  return changes;
}

async function isChanged(
  mirror: Mirror,
  product: ProductSettings,
  { before, base, risk }: { before: string; base: string; risk: Risk },
): Promise<boolean> {
  const args = ['diff-tree', '-r', '-z', '--name-only', '--no-renames', assertSha(before), assertSha(base)];
  // Of a monorepo only what is part of the product: another one's migrations are no risk of this one.
  const { path, includePaths = [], excludePaths = [] } = product;
  const scope = readScope({ path, alsoPaths: includePaths, excludePaths });
  const specs = patternsOf(product, risk).map((pattern) => `:(top,glob)${pattern}`);
  const { stdout } = await askMirror(mirror, [...args, '--', ...specs], {
    env: { GIT_LITERAL_PATHSPECS: '0' },
  });
  return stdout
    .toString('utf8')
    .split('\0')
    .filter(Boolean)
    .some((file) => risk.is === 'path' || isPartOf(scope, file));
}

function patternsOf(product: ProductSettings, risk: Risk): readonly string[] {
  if (risk.is === 'path') return [risk.pattern];
  return risk.is === 'dependencies' ? DEPENDENCY_FILES : (product.migrationPaths ?? DEFAULT_MIGRATIONS);
}
