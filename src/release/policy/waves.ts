import type { EnvironmentSettings } from '../settings.ts';

/** What becomes of the environments that run the new version when a later wave fails. */
export const FAILED_WAVE_POLICIES = ['roll_back', 'stop'] as const;

export type FailedWavePolicy = (typeof FAILED_WAVE_POLICIES)[number];

/**
 * The production environments in the order in which a release reaches them, those of one wave at the same time. By the
 * number of their wave; those without one come after, one by one in the order of the file.
 */
export function planWaves(environments: readonly EnvironmentSettings[]): EnvironmentSettings[][] {
  const production = environments.filter(({ kind }) => kind === 'production');
  const numbers = [...new Set(production.flatMap(({ wave }) => (wave === undefined ? [] : [wave])))];
  return [
    ...numbers
      .sort((left, right) => left - right)
      .map((number) => production.filter(({ wave }) => wave === number)),
    ...production.filter(({ wave }) => wave === undefined).map((environment) => [environment]),
  ];
}
