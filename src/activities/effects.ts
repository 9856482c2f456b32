import { CHANNEL_EFFECTS } from '../providers/channel/channels.ts';
import { HOST_EFFECTS } from '../providers/host/host.ts';
import { REGISTRY_EFFECTS } from '../providers/registry/registries.ts';
import type { EnvironmentScriptName } from '../release/settings.ts';

/**
 * Every outside change that Windlass makes, by name. Effects take their names from here and from nowhere else, and
 * the crash test has one case for each (its table is typed by this list), so that none can be forgotten.
 */
export const EFFECTS = [
  // git
  'release-branch',
  'merge',
  'tag',
  'delete-branch',
  'state-file',
  'status-file',
  // registries
  ...REGISTRY_EFFECTS,
  ...HOST_EFFECTS,
  // the store
  'record',
  'released-version',
  'removed-bytes',
  'environment-history',
  // notices
  ...CHANNEL_EFFECTS,
  // environments
  'script-backup',
  'script-deploy',
  'script-migrate',
  'script-traffic',
  'script-rollback',
  'script-restore',
] as const;

export type EffectName = (typeof EFFECTS)[number];

/** The moments at which a worker may die: before the call, after it, and before its completion is reported. */
export const BARRIERS = ['before', 'after', 'reported'] as const;

export type BarrierName = (typeof BARRIERS)[number];

/** Called at each moment of each effect. In production it does nothing; the crash test's worker dies there. */
export type Barrier = (effect: EffectName, moment: BarrierName) => Promise<void>;

/** The effect of an environment's script, for those that change something; undefined for those that only look. */
export function effectOfScript(script: EnvironmentScriptName): ScriptEffect | undefined {
  const name = `script-${script}`;
  return (EFFECTS as readonly string[]).includes(name) ? (name as ScriptEffect) : undefined;
}

type ScriptEffect = Extract<EffectName, `script-${EnvironmentScriptName}`>;
