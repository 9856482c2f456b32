import { describe, expect, it } from 'vitest';
import { describeGate, listGateNames } from '../../../src/release/policy/gates.ts';
import { DEFAULT_POLICY, resolvePolicy } from '../../../src/release/policy/policy.ts';
import type { ReleaseSwitches } from '../../../src/release/settings.ts';

const HOUR = 3_600_000;

describe('the policy table', () => {
  it('says of each release type what the design says', () => {
    // Typed in from the design's table, not computed.
    expect(DEFAULT_POLICY.major).toEqual({
      gates: ['tests', 'regression', 'load', 'profiling', 'container'],
      loadProfile: 'peak',
      strategy: 'canary',
      monitoring: { windowMs: 24 * HOUR, intervalMs: 60_000, level: 'enhanced' },
      goLiveApprovals: ['ceo', 'engineering_lead', 'product_manager'],
      changelogReview: ['release_manager'],
      manualSmoke: ['qa'],
      stagingSignOff: ['qa'],
      communication: ['blog', 'customers', 'documentation', 'notes'],
    });
    expect(DEFAULT_POLICY.minor).toMatchObject({
      gates: ['tests', 'regression', 'load', 'container'],
      loadProfile: 'peak',
      strategy: 'blue-green',
      monitoring: { windowMs: HOUR, level: 'enhanced' },
      goLiveApprovals: ['ceo', 'engineering_lead'],
      communication: ['notes', 'team'],
    });
    expect(DEFAULT_POLICY.patch).toMatchObject({
      gates: ['tests', 'regression', 'load'],
      loadProfile: 'baseline',
      strategy: 'rolling',
      monitoring: { windowMs: HOUR / 2, level: 'standard' },
      goLiveApprovals: ['ceo', 'release_manager'],
      communication: ['notes'],
    });
    expect(DEFAULT_POLICY.hotfix).toMatchObject({
      gates: ['tests', 'smoke'],
      strategy: 'immediate',
      monitoring: { windowMs: HOUR, level: 'enhanced' },
      goLiveApprovals: ['on_call'],
      changelogReview: [],
      manualSmoke: [],
      stagingSignOff: [],
      communication: ['incident'],
    });
  });

  it('runs the tests in every release type', () => {
    for (const row of Object.values(DEFAULT_POLICY)) expect(row.gates).toContain('tests');
  });

  it('cannot be changed by who reads it', () => {
    expect(() => DEFAULT_POLICY.minor.goLiveApprovals.pop()).toThrow(TypeError);
    const mine = resolvePolicy();
    mine.minor.goLiveApprovals.pop();
    mine.minor.monitoring.windowMs = 1;
    expect(resolvePolicy()).toEqual(DEFAULT_POLICY);
  });
});

describe('overriding the policy', () => {
  it('changes the entry that is named and no other', () => {
    const policy = resolvePolicy({ minor: { monitoring: { windowMs: 45_000 }, goLiveApprovals: ['qa'] } });
    expect(policy.minor.monitoring).toEqual({ windowMs: 45_000, intervalMs: 60_000, level: 'enhanced' });
    expect(policy.minor.goLiveApprovals).toEqual(['qa']);
    expect(policy.minor.gates).toEqual(DEFAULT_POLICY.minor.gates);
    expect({ ...policy, minor: null }).toEqual({ ...DEFAULT_POLICY, minor: null });
  });

  it('takes an empty list for what it says: nobody, nothing', () => {
    expect(resolvePolicy({ patch: { changelogReview: [] } }).patch.changelogReview).toEqual([]);
  });
});

describe('require_quality_gates: false', () => {
  const advisory = (requireQualityGates: boolean) =>
    listGateNames().filter(
      (gate) =>
        describeGate({ scripts: {}, release: { requireQualityGates } as ReleaseSwitches }, gate).advisory,
    );

  it('makes the load test and the profile advisory, and nothing else', () => {
    expect(advisory(false)).toEqual(['load', 'profiling']);
  });

  it('is needed for any gate to be advisory', () => {
    expect(advisory(true)).toEqual([]);
  });
});
