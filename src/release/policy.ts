/**
 * The policy table of the design: what each release type demands, and what a configuration may change of it.
 * Pure data and pure functions; the resolved policy is frozen into a release's record at its start.
 */
import type {
  GateName,
  MonitoringSettings,
  PersonRole,
  Policy,
  ReleaseSwitches,
  ReleaseType,
  TypePolicy,
} from './settings.ts';
import { RELEASE_TYPES } from './settings.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

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
    gates: ['tests', 'regression', 'load', 'profiling', 'container'],
    loadProfile: 'peak',
    strategy: 'canary',
    monitoring: { windowMs: 24 * HOUR, intervalMs: MINUTE, level: 'enhanced' },
    goLiveApprovals: ['ceo', 'engineering_lead', 'product_manager'],
    changelogReview: ['release_manager'],
    manualSmoke: ['qa'],
    stagingSignOff: ['qa'],
    communication: ['blog', 'customers', 'documentation', 'notes'],
  },
  minor: {
    gates: ['tests', 'regression', 'load', 'container'],
    loadProfile: 'peak',
    strategy: 'blue-green',
    monitoring: { windowMs: HOUR, intervalMs: MINUTE, level: 'enhanced' },
    goLiveApprovals: ['ceo', 'engineering_lead'],
    changelogReview: ['release_manager'],
    manualSmoke: ['qa'],
    stagingSignOff: ['qa'],
    communication: ['notes', 'team'],
  },
  patch: {
    gates: ['tests', 'regression', 'load'],
    loadProfile: 'baseline',
    strategy: 'rolling',
    monitoring: { windowMs: 30 * MINUTE, intervalMs: MINUTE, level: 'standard' },
    goLiveApprovals: ['ceo', 'release_manager'],
    changelogReview: ['release_manager'],
    manualSmoke: ['qa'],
    stagingSignOff: ['qa'],
    communication: ['notes'],
  },
  hotfix: {
    gates: ['tests', 'smoke'],
    loadProfile: 'baseline',
    strategy: 'immediate',
    monitoring: { windowMs: HOUR, intervalMs: MINUTE, level: 'enhanced' },
    goLiveApprovals: ['on_call'],
    changelogReview: [],
    manualSmoke: [],
    stagingSignOff: [],
    communication: ['incident'],
  },
});

/** Who may let a change through a freeze. Never the person alone who asked for it: the gate is a protected one. */
export const FREEZE_OVERRIDE_ROLES: readonly PersonRole[] = ['engineering_lead'];

/** The gates that `require_quality_gates: false` makes advisory. Tests, regression and smoke never become so. */
export const QUALITY_GATES: readonly GateName[] = ['load', 'profiling'];

/**
 * The table with a configuration's overrides laid over it, entry by entry; a list replaces the table's list.
 * The answer shares nothing with the defaults or the overrides. Asks no questions: `src/config` has checked.
 */
export function resolvePolicy(overrides: PolicyOverrides = {}): Policy {
  const rows = RELEASE_TYPES.map((type) => [type, resolveType(DEFAULT_POLICY[type], overrides[type] ?? {})]);
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

/**
 * Whether a gate's failure is only reported and does not halt the release. With `require_quality_gates: false`
 * that holds for the load test and the performance profile, and for nothing else.
 */
export function isAdvisoryGate(
  gate: GateName,
  release: Pick<ReleaseSwitches, 'requireQualityGates'>,
): boolean {
  return !release.requireQualityGates && QUALITY_GATES.includes(gate);
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) deepFreeze(inner);
    Object.freeze(value);
  }
  return value;
}
