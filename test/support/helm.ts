import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';

const CHART = fileURLToPath(new URL('../../deploy/helm/windlass', import.meta.url));
const CACHE = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'windlass');

/** Where `.ci/run` puts them; on the PATH elsewhere. */
function locate(program: string, own: string): string | undefined {
  const kept = join(CACHE, own);
  if (existsSync(kept)) return kept;
  return spawnSync(program, ['version']).status === 0 ? program : undefined;
}

export const helm = locate('helm', 'helm/bin/helm');
const validator = join(CACHE, 'kubernetes-validate', 'bin', 'kubernetes-validate');
export const chartCanBeChecked = helm !== undefined && existsSync(validator);

/** A Kubernetes object, as far as a test looks into it. */
export interface KubernetesObject {
  kind: string;
  metadata: { name: string };
  // biome-ignore lint/suspicious/noExplicitAny: each kind has a shape of its own.
  spec?: any;
  data?: Record<string, string>;
}

export function lintChart(values: string): { code: number | null; said: string } {
  const ran = spawnSync(helm ?? '', ['lint', '--strict', CHART, '--values', join(CHART, 'ci', values)], {
    encoding: 'utf8',
  });
  return { code: ran.status, said: `${ran.stdout}${ran.stderr}` };
}

/** `helm template`. @throws with what helm said */
export function renderChart(
  values: string,
  ...more: string[]
): { text: string; objects: KubernetesObject[] } {
  const args = [
    'template',
    'acme',
    CHART,
    '--kube-version',
    '1.31.0',
    '--values',
    join(CHART, 'ci', values),
    ...more,
  ];
  const text = execFileSync(helm ?? '', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  const objects = parseAllDocuments(text)
    .map((document) => document.toJS() as KubernetesObject | null)
    .filter((object) => object !== null);
  return { text, objects };
}

/** Holds manifests to the schemas of one Kubernetes version, strictly: unknown keys are mistakes. Gives what is wrong. */
export function validateManifests(file: string, version: string): string {
  const ran = spawnSync(validator, ['--strict', '--no-warn', '--kubernetes-version', version, file], {
    encoding: 'utf8',
  });
  return ran.status === 0 ? '' : `${ran.stdout}${ran.stderr}`;
}
