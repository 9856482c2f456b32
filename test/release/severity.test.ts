import { describe, expect, it } from 'vitest';
import { judgeEstimate, mayRate, planIncident } from '../../src/release/policy/severity.ts';

const MINUTE = 60_000;
const settings = { highDeadlineMs: 15 * MINUTE, quickHotfixMs: 30 * MINUTE };

/** The mission's table, line by line. */
describe('severity', () => {
  it('critical rolls back at once', () => {
    expect(planIncident('critical', settings, true)).toEqual({
      act: 'roll_back',
      why: 'critical: rolled back at once',
    });
  });

  it('high has fifteen minutes in which a person may decide otherwise', () => {
    expect(planIncident('high', settings, true)).toEqual({
      act: 'wait',
      severity: 'high',
      deadlineMs: 15 * MINUTE,
      asks: ['rollback', 'dismiss'],
    });
  });

  it('an unknown severity is asked for, and is high meanwhile', () => {
    expect(planIncident(undefined, settings, true)).toEqual({
      act: 'wait',
      severity: 'high',
      deadlineMs: 15 * MINUTE,
      asks: ['incident', 'rollback', 'dismiss'],
    });
  });

  it('medium asks whether a hotfix is quick, by the limit of the configuration', () => {
    expect(planIncident('medium', settings, true)).toMatchObject({
      severity: 'medium',
      deadlineMs: 30 * MINUTE,
    });
    expect(judgeEstimate(30 * MINUTE, settings)).toBe('hotfix');
    expect(judgeEstimate(30 * MINUTE + 1, settings)).toBe('roll_back');
    expect(judgeEstimate(undefined, settings)).toBe('dismissed');
  });

  it('low is an issue for the next release', () => {
    expect(planIncident('low', settings, true)).toEqual({ act: 'open_issue' });
  });

  it('nothing goes back by itself where configuration forbids it: a person decides without a deadline', () => {
    for (const severity of ['critical', 'high', 'medium'] as const) {
      expect(planIncident(severity, settings, false)).not.toHaveProperty('deadlineMs');
      expect(planIncident(severity, settings, false).act).toBe('wait');
    }
  });

  it('anybody may make a rating worse, only a verified person less bad', () => {
    expect(mayRate('high', 'critical', false)).toBe(true);
    expect(mayRate('high', 'low', false)).toBe(false);
    expect(mayRate(undefined, 'medium', false)).toBe(false);
    expect(mayRate('high', 'low', true)).toBe(true);
  });
});
