/**
 * The policy table of the design: what each release type demands, and what a configuration may change of it.
 * Pure data and pure functions; the resolved policy is frozen into a release's record at its start.
 */

import { HOUR_MS, MINUTE_MS } from '../duration.ts';
import type { MonitoringSettings, PersonRole, Policy, ReleaseType, TypePolicy } from '../settings.ts';
import { RELEASE_TYPES } from '../settings.ts';
import type { GateConfiguration } from './gates.ts';
import { listRequiredGates } from './gates.ts';

/** What a configuration may say about one release type; what it leaves out stays as in the table. */
export interface TypePolicyOverrides extends Partial<Omit<TypePolicy, 'monitoring'>> {
  monitoring?: Partial<MonitoringSettings>;
}

export type PolicyOverrides = Partial<Record<ReleaseType, TypePolicyOverrides>>;

/**
 * The defaults ("Policy by release type" of the design). Building is no gate: it always happens. Where the
 * general list of approvers and the list by type differ, the list by type has won here already.
 */
export const DEFAULT_POLICY: Policy = deepFreeze({
  major: {
    gates: listRequiredGates('major'),
    loadProfile: 'peak',
    strategy: 'canary',
    monitoring: { windowMs: 24 * HOUR_MS, intervalMs: MINUTE_MS, level: 'enhanced' },
    goLiveApprovals: ['ceo', 'engineering_lead', 'product_manager'],
    changelogReview: ['release_manager'],
    manualSmoke: ['qa'],
    stagingSignOff: ['qa'],
    communication: ['blog', 'customers', 'documentation', 'notes'],
  },
  minor: {
    gates: listRequiredGates('minor'),
    loadProfile: 'peak',
    strategy: 'blue-green',
    monitoring: { windowMs: HOUR_MS, intervalMs: MINUTE_MS, level: 'enhanced' },
    goLiveApprovals: ['ceo', 'engineering_lead'],
    changelogReview: ['release_manager'],
    manualSmoke: ['qa'],
    stagingSignOff: ['qa'],
    communication: ['notes', 'team'],
  },
  patch: {
    gates: listRequiredGates('patch'),
    loadProfile: 'baseline',
    strategy: 'rolling',
    monitoring: { windowMs: 30 * MINUTE_MS, intervalMs: MINUTE_MS, level: 'standard' },
    goLiveApprovals: ['ceo', 'release_manager'],
    changelogReview: ['release_manager'],
    manualSmoke: ['qa'],
    stagingSignOff: ['qa'],
    communication: ['notes'],
  },
  hotfix: {
    gates: listRequiredGates('hotfix'),
    loadProfile: 'baseline',
    strategy: 'immediate',
    monitoring: { windowMs: HOUR_MS, intervalMs: MINUTE_MS, level: 'enhanced' },
    goLiveApprovals: ['on_call'],
    changelogReview: [],
    manualSmoke: [],
    stagingSignOff: [],
    communication: ['incident'],
  },
});

/** Who may let a change through a freeze. Never the person alone who asked for it: the gate is a protected one. */
export const FREEZE_OVERRIDE_ROLES: readonly PersonRole[] = ['engineering_lead'];

/**
 * The table with a configuration's overrides laid over it, entry by entry; a list replaces the table's list.
 * `gates` are the product's own and what it says of the table's: they are required where they say so.
 * The answer shares nothing with the defaults or the overrides. Asks no questions: `src/config` has checked.
 */
export function resolvePolicy(overrides: PolicyOverrides = {}, gates: GateConfiguration = {}): Policy {
  const rows = RELEASE_TYPES.map((type) => {
    const defaults = { ...DEFAULT_POLICY[type], gates: listRequiredGates(type, gates) };
    return [type, resolveType(defaults, overrides[type] ?? {})];
  });
  return Object.fromEntries(rows) as Policy;
}

function resolveType(defaults: TypePolicy, overrides: TypePolicyOverrides): TypePolicy {
  return {
    gates: [...(overrides.gates ?? defaults.gates)],
    loadProfile: overrides.loadProfile ?? defaults.loadProfile,
    strategy: overrides.strategy ?? defaults.strategy,
    monitoring: {
      windowMs: overrides.monitoring?.windowMs ?? defaults.monitoring.windowMs,
      intervalMs: overrides.monitoring?.intervalMs ?? defaults.monitoring.intervalMs,
      level: overrides.monitoring?.level ?? defaults.monitoring.level,
    },
    goLiveApprovals: [...(overrides.goLiveApprovals ?? defaults.goLiveApprovals)],
    changelogReview: [...(overrides.changelogReview ?? defaults.changelogReview)],
    manualSmoke: [...(overrides.manualSmoke ?? defaults.manualSmoke)],
    stagingSignOff: [...(overrides.stagingSignOff ?? defaults.stagingSignOff)],
    communication: [...(overrides.communication ?? defaults.communication)],
  };
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) deepFreeze(inner);
    Object.freeze(value);
  }
  return value;
}
