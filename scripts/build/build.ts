/**
 * `npm run build`: compiles the sources into dist/, from which the package runs on the Node that people have. The
 * checkout itself needs no build: there the sources run as they are.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BuildNote } from '../../src/workers/workflow-bundle.packaged.ts';
import { bundleWorkflows } from '../../src/workers/workflow-bundle.ts';
import { bundleSources } from './bundle-sources.ts';
import { findUndeclared } from './find-undeclared.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
const started = performance.now();
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  version: string;
  engines: { node: string };
  dependencies: Record<string, string>;
  optionalDependencies: Record<string, string>;
};
// Beside the last one until it is whole: whoever runs that meanwhile keeps it.
const making = join(ROOT, '.windlass', `build-${process.pid}`);
try {
  const { folders, packages } = await bundleSources({ root: ROOT, sources: join(ROOT, 'src') }, making);
  for (const { from, to } of folders) cpSync(from, join(making, to), { recursive: true });
  const declared = Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies });
  const problems = findUndeclared(packages, declared);
  if (problems.length > 0) throw new Error(problems.join('\n'));
  const { code } = await bundleWorkflows();
  writeFileSync(join(making, 'workflow-bundle.cjs'), code);
  const note: BuildNote = {
    version: manifest.version,
    workflows: createHash('sha256').update(code).digest('hex'),
    sdk: manifest.optionalDependencies['@temporalio/worker'] ?? '',
  };
  writeFileSync(join(making, 'build.json'), `${JSON.stringify(note, undefined, 2)}\n`);
  const compiler = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  const types = ['--project', join(ROOT, 'tsconfig.types.json'), '--outDir', join(making, 'types')];
  execFileSync(process.execPath, [compiler, ...types], { stdio: 'inherit' });
  rmSync(join(ROOT, 'dist'), { recursive: true, force: true });
  renameSync(making, join(ROOT, 'dist'));
  console.log(
    `Built ${manifest.version} into dist/ in ${((performance.now() - started) / 1000).toFixed(1)} s.`,
  );
} finally {
  rmSync(making, { recursive: true, force: true });
}
