/** Packed versions of the example product for the tests, as `npm pack` would lay them out. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildShopHistory } from '../../examples/shop-history/build-history.ts';
import { makeFaultStep } from '../../examples/shop-history/faults.ts';

export const SHOP = fileURLToPath(new URL('../../examples/shop/', import.meta.url));
/** The Node that `npm ci` installed; the one that runs the tests may be too old for node:sqlite. */
export const NODE_FOLDER = fileURLToPath(new URL('../../node_modules/.bin/', import.meta.url));
export const NODE = path.join(NODE_FOLDER, 'node');

/** A packed version. */
export interface ShopPackage {
  version: string;
  artifact: string;
  digest: string;
}

/**
 * Packs the shop as it is now under a version, with a mistake if one is named, and with a migration of its own if one
 * is named (`100_more`).
 */
export function packShop(
  temporary: string,
  version: string,
  fault?: string,
  migration?: string,
): ShopPackage {
  const root = mkdtempSync(path.join(temporary, 'package-'));
  const folder = path.join(root, 'package');
  mkdirSync(folder);
  for (const name of ['bin', 'src', 'migrations', 'package.json', 'CHANGELOG.md'])
    cpSync(path.join(SHOP, name), path.join(folder, name), { recursive: true });
  const manifest = path.join(folder, 'package.json');
  writeFileSync(manifest, JSON.stringify({ ...JSON.parse(readFileSync(manifest, 'utf8')), version }));
  if (fault) {
    const { step, files } = makeFaultStep(fault);
    for (const edit of step.edits ?? [])
      if ('was' in edit) change(path.join(folder, edit.file), edit.was, edit.now);
    for (const [name, content] of Object.entries(files)) writeFileSync(path.join(folder, name), content);
  }
  if (migration) {
    const sql = `CREATE TABLE added_by_${migration} (id TEXT PRIMARY KEY) STRICT;\n`;
    writeFileSync(path.join(folder, 'migrations', `${migration}.sql`), sql);
  }
  const artifact = path.join(root, `shop-${version}.tgz`);
  execFileSync('tar', ['-czf', artifact, '-C', root, 'package']);
  return { version, artifact, digest: digestOf(artifact) };
}

/** Packs the shop as it was at a release. */
export function packReleasedShop(temporary: string, version: string): ShopPackage {
  const root = mkdtempSync(path.join(temporary, 'package-'));
  const repository = path.join(root, 'repository');
  buildShopHistory({ target: repository });
  const artifact = path.join(root, `shop-${version}.tgz`);
  const what = [`v${version}`, 'bin', 'src', 'migrations', 'package.json', 'CHANGELOG.md'];
  execFileSync('git', ['-C', repository, 'archive', '--prefix=package/', `--output=${artifact}`, ...what]);
  return { version, artifact, digest: digestOf(artifact) };
}

function digestOf(artifact: string): string {
  return `sha256:${createHash('sha256').update(readFileSync(artifact)).digest('hex')}`;
}

function change(file: string, from: string, to: string): void {
  const before = readFileSync(file, 'utf8');
  const after = before.replace(from, to);
  if (after === before) throw new Error(`${file} does not contain ${from}`);
  writeFileSync(file, after);
}
