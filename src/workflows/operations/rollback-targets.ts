import { patched } from '@temporalio/workflow';
import type { ReleasedVersion } from '../../contracts/release-answers.ts';
import type { RollBackProductInput } from '../../contracts/workflows.ts';
import { newestVersion } from '../../release/plan/version.ts';
import { planWaves } from '../../release/policy/waves.ts';
import type { EnvironmentSettings, ProductSettings } from '../../release/settings.ts';
import type { ReleaseRun } from '../shared/release-run.ts';
import { findVersion, mistake, readRunning } from './find-production.ts';

/** A production environment, and what it says that it runs. */
export interface Running {
  environment: EnvironmentSettings;
  version: string;
  slot?: string;
}

/** One that runs the version that is to go, and the version that ran there before. */
export interface GoingBack extends Running {
  to: ReleasedVersion;
}

/** All of production, the last wave first, or the one environment that was named. */
export function findTargets(settings: ProductSettings, name: string | undefined): EnvironmentSettings[] {
  const production = listProduction(settings);
  if (name === undefined) return production;
  const found = production.find((one) => one.name === name);
  if (found) return [found];
  const names = production.map((one) => one.name).join(', ');
  throw mistake(`${settings.name} has no production environment "${name}": use one of ${names || '(none)'}`);
}

/** The product's production environments, the last wave first. */
export function listProduction(settings: ProductSettings): EnvironmentSettings[] {
  return planWaves(settings.environments).flat().reverse();
}

/**
 * What each of them runs. A region may have gone back alone before, so each is asked. Rollbacks that began before that
 * was so ask the first, and the others on the way.
 */
export async function lookAtTargets(
  run: ReleaseRun,
  targets: readonly EnvironmentSettings[],
  latest: ReleasedVersion,
): Promise<Running[]> {
  const looked: Running[] = [];
  const asked = targets.length > 1 && patched('each-region-by-itself') ? targets : targets.slice(0, 1);
  for (const environment of asked)
    looked.push({ environment, ...(await readRunning(run, environment, latest, targets.length > 1)) });
  return looked;
}

/** The version that is to go: the one that was named, else the newest of those that run. */
export function chooseBad(input: RollBackProductInput, looked: readonly Running[]): string {
  return input.bad ?? newestVersion(looked.map(({ version }) => version)) ?? '';
}

/**
 * Where an environment goes back to: what ran there before by its own history, or the version that was named.
 * @throws ApplicationFailure (Mistake) when it runs that already
 */
export async function findWayBack(
  run: ReleaseRun,
  input: RollBackProductInput,
  going: Running,
): Promise<GoingBack> {
  const { environment, version: running } = going;
  const before = { environment: environment.name, running };
  const which = { before, ...(input.to === undefined ? {} : { version: input.to }) };
  const to = await findVersion(run, which, 'readiness.target');
  if (to.version === running) throw mistake(`${environment.name} runs ${to.version} already`);
  return { ...going, to };
}

/** `us, eu run 1.1.0 again`, or each by itself where they went to different versions. */
export function describeAgain(went: readonly { name: string; version: string }[]): string {
  const versions = [...new Set(went.map(({ version }) => version))];
  return versions
    .map((version) => {
      const names = went.filter((one) => one.version === version).map(({ name }) => name);
      return `${names.join(', ')} ${names.length === 1 ? 'runs' : 'run'} ${version} again`;
    })
    .join(', ');
}
