import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Group, MetricCheck, Sample } from '../../../src/release/verdict/check.ts';
import { readChecks } from '../../../src/release/verdict/checks/read-checks.ts';
import { observe } from '../../../src/release/verdict/judge.ts';
import { type JudgeState, startJudge } from '../../../src/release/verdict/judge-state.ts';
import { currentVerdict, type Verdict } from '../../../src/release/verdict/verdict.ts';

const START = Date.parse('2026-03-02T10:00:00Z');
const at = (minute: number): string => new Date(START + minute * 60_000).toISOString();

function checksOf(...input: unknown[]): MetricCheck[] {
  const { checks, mistakes } = readChecks(input);
  expect(mistakes).toEqual([]);
  return checks;
}

const ERRORS = { name: 'errors', kind: 'ratio', criticality: 'critical' };
const LATENCY = { name: 'latency', kind: 'sample' };

interface Point {
  value: number | null;
  requests?: number;
}

/** Judges points minute by minute, baseline first. `points(minute)` undefined: no sample at all. */
function judge(
  checks: MetricCheck[],
  minutes: number,
  points: (minute: number, group: Group, check: string) => Point | undefined,
  options: { windowMs?: number } = {},
): JudgeState {
  let state = startJudge(checks, { intervalMs: 60_000, ...options });
  for (let minute = 0; minute < minutes; minute++)
    for (const group of ['baseline', 'candidate'] as const)
      for (const { name } of checks) {
        const point = points(minute, group, name);
        if (point !== undefined) state = observe(state, { time: at(minute), check: name, group, ...point });
      }
  return state;
}

const healthy = (minute: number): Point => ({ value: 0.5 + (minute % 2) / 6, requests: 600 });

describe('the judge', () => {
  it('fails on the first sample that completes the evidence, says when, and does not take it back', () => {
    const checks = checksOf(ERRORS);
    const state = judge(checks, 60, (minute, group) =>
      group === 'candidate' && minute >= 2 && minute < 8 ? { value: 5, requests: 600 } : healthy(minute),
    );
    const verdict = currentVerdict(state);
    expect(verdict.verdict).toBe('fail');
    expect(verdict.detectedAt! > at(3) && verdict.detectedAt! < at(8)).toBe(true);
    expect(verdict.reason).toMatch(/^errors: \d+ of [\d,]+ requests \([\d.]+ %\) failed on the candidate/);
  });

  it('passes zero errors against zero errors, and constant series against equal ones', () => {
    const checks = checksOf(ERRORS, LATENCY);
    const verdict = currentVerdict(
      judge(checks, 30, (_, __, check) => (check === 'errors' ? { value: 0, requests: 20 } : { value: 80 })),
    );
    expect(verdict).toMatchObject({ verdict: 'pass', held: false, observedMs: 30 * 60_000 });
  });

  it('holds a release whose critical check has no data, whatever the other checks say', () => {
    const checks = checksOf(ERRORS, LATENCY);
    for (const absent of [undefined, { value: null }, { value: Number.NaN, requests: 600 }, { value: 1 }]) {
      const verdict = currentVerdict(
        judge(checks, 30, (_, group, check) => {
          if (check === 'latency') return { value: 80 };
          return group === 'candidate' ? absent : { value: 0.5, requests: 600 };
        }),
      );
      expect(verdict).toMatchObject({ verdict: 'missing', held: true });
      expect(verdict.reason).toContain('errors: the candidate has no usable sample');
      expect(verdict.checks[1]!.verdict).toBe('pass');
    }
  });

  it('says why there is no value in the words of what could not give one', () => {
    const missing = 'ops/measure errors: there is no such program at 1.2.0';
    const never = currentVerdict(
      judge(checksOf(ERRORS), 30, () => ({ value: null, missing: `\u001b[2J${missing}` })),
    );
    expect(never.reason).toContain(`the candidate has no usable sample (30 unusable: `);
    expect(never.reason).toContain(missing);
    expect(never.reason).not.toContain('\u001b');
    const later = currentVerdict(
      judge(checksOf(ERRORS), 60, (minute) =>
        minute < 30 ? { value: 0.5, requests: 600 } : { value: null, missing },
      ),
    );
    expect(later.reason).toContain(`in the last 30 samples (the last: ${missing})`);
  });

  it('does not pass a check that has fallen silent', () => {
    const verdict = currentVerdict(
      judge(checksOf(ERRORS, LATENCY), 60, (minute, _, check) => {
        if (check === 'latency') return { value: 80 };
        return minute < 30 ? { value: 0.5, requests: 600 } : { value: null };
      }),
    );
    expect(verdict).toMatchObject({ verdict: 'missing', held: true });
    expect(verdict.reason).toContain('in the last 30 samples');
  });

  it('says in a pass how much was missing', () => {
    const verdict = currentVerdict(
      judge(checksOf(LATENCY), 40, (minute, group) =>
        group === 'candidate' && minute % 4 === 1 ? { value: Number.NaN } : { value: 80 },
      ),
    );
    expect(verdict.verdict).toBe('pass');
    expect(verdict.reason).toContain('up to 10 of 40 samples without a usable value');
  });

  it('is inconclusive until enough was seen, and until the window was really observed', () => {
    const checks = checksOf(LATENCY);
    const answer = (minutes: number): string =>
      currentVerdict(judge(checks, minutes, () => ({ value: 80 }), { windowMs: 30 * 60_000 })).verdict;
    expect([answer(0), answer(3), answer(29), answer(30)]).toEqual([
      'missing',
      'inconclusive',
      'inconclusive',
      'pass',
    ]);
    // Half an hour of outage in the middle is worth one interval, not thirty.
    const torn = judge(checks, 50, (minute) => (minute > 9 && minute < 40 ? undefined : { value: 80 }));
    expect(torn.observedMs).toBe(20 * 60_000);
  });

  it('reports an advisory check and lets it decide nothing', () => {
    const checks = checksOf(LATENCY, { name: 'queue', kind: 'sample', criticality: 'advisory' });
    const verdict = currentVerdict(
      judge(checks, 30, (_, group, check) => ({
        value: check === 'queue' && group === 'candidate' ? 300 : 80,
      })),
    );
    expect(verdict.verdict).toBe('pass');
    expect(verdict.checks[1]!.verdict).toBe('fail');
    expect(verdict.reason).toContain('advisory: queue:');
    expect(
      currentVerdict(judge(checksOf({ ...LATENCY, criticality: 'advisory' }), 30, () => ({ value: 1 })))
        .verdict,
    ).toBe('inconclusive');
  });

  it('gives the whole error rate to the checks that decide, however many there are', () => {
    const checks = checksOf(
      ERRORS,
      LATENCY,
      { name: 'orders', kind: 'count' },
      { name: 'x', criticality: 'advisory' },
    );
    const state = startJudge(checks, { intervalMs: 60_000, errorRate: 0.02 });
    const shares = state.progress.map((progress) => progress.errorRate);
    expect(shares[0]! + shares[1]! + shares[2]!).toBeCloseTo(0.02, 10);
    expect(shares[0]).toBeGreaterThan(shares[1]!);
  });

  it('judges the failures where a ratio is of successes', () => {
    const checks = checksOf({ name: 'availability', kind: 'ratio', direction: 'higher_is_better' });
    const state = judge(checks, 20, (_, group) => ({
      value: group === 'candidate' ? 97 : 99.5,
      requests: 600,
    }));
    expect(currentVerdict(state).verdict).toBe('fail');
    expect(currentVerdict(state).checks[0]!.statistics).toMatchObject({
      candidateEvents: 360,
      baselineEvents: 60,
    });
    const better = judge(checks, 20, (_, group) => ({
      value: group === 'candidate' ? 99.5 : 97,
      requests: 600,
    }));
    expect(currentVerdict(better).verdict).toBe('pass');
  });

  it('compares rates and not totals where the traffic is split unevenly', () => {
    const checks = checksOf({ name: 'orders', kind: 'count', direction: 'higher_is_better' });
    const even = judge(checks, 60, (_, group) =>
      group === 'candidate' ? { value: 6, requests: 60 } : { value: 54, requests: 540 },
    );
    expect(currentVerdict(even).verdict).toBe('pass');
    const half = judge(checks, 60, (_, group) =>
      group === 'candidate' ? { value: 3, requests: 60 } : { value: 54, requests: 540 },
    );
    expect(currentVerdict(half).verdict).toBe('fail');
  });
});

describe('a limit of the configuration', () => {
  const limited = checksOf({
    name: 'latency',
    kind: 'sample',
    compare: 'none',
    limit: 100,
    breaches: 3,
    of: 5,
  });
  const verdictOf = (values: number[], checks = limited): Verdict =>
    currentVerdict(judge(checks, values.length, (minute) => ({ value: values[minute]! })));

  it('fails at once on a gross breach', () => {
    expect(verdictOf([80, 80, 300])).toMatchObject({ verdict: 'fail', detectedAt: at(2) });
    expect(verdictOf([80, 80, 300]).reason).toContain('gross breach of the limit 100');
  });

  it('fails on N of M, not on fewer', () => {
    expect(verdictOf([110, 80, 110, 80, 80, 80, 110, 80, 110]).verdict).toBe('pass');
    expect(verdictOf([110, 80, 110, 80, 110])).toMatchObject({ verdict: 'fail', detectedAt: at(4) });
  });

  it('counts a breach as lasting until the value is clearly back', () => {
    // 95 is within the limit but not by the hysteresis of 10 %; 89 is.
    expect(verdictOf([110, 95, 95, 80, 80]).verdict).toBe('fail');
    expect(verdictOf([110, 89, 95, 95, 95]).verdict).toBe('pass');
    expect(verdictOf([95, 95, 95, 95, 95]).verdict).toBe('pass');
  });

  it('does not take one error of twenty requests for a breach of two per cent', () => {
    const checks = checksOf({ name: 'errors', kind: 'ratio', limit: 2 });
    const one = judge(checks, 20, () => ({ value: 5, requests: 20 }));
    expect(currentVerdict(one).verdict).toBe('pass');
    const many = judge(checks, 1, () => ({ value: 50, requests: 20 }));
    expect(currentVerdict(many)).toMatchObject({ verdict: 'fail', detectedAt: at(0) });
  });

  it('is not known to be kept by fewer requests than one failure at the limit takes', () => {
    const checks = checksOf({ name: 'errors', kind: 'ratio', compare: 'none', limit: 2 });
    const few = currentVerdict(judge(checks, 10, () => ({ value: 0, requests: 4 })));
    expect(few).toMatchObject({ verdict: 'inconclusive' });
    expect(few.reason).toContain('errors: 40 requests of the 50 that it needs');
    expect(currentVerdict(judge(checks, 10, () => ({ value: 0, requests: 5 }))).verdict).toBe('pass');
    const probed = checksOf({ name: 'front_door', kind: 'ratio', compare: 'none', limit: 50 });
    expect(currentVerdict(judge(probed, 5, () => ({ value: 0, requests: 1 }))).verdict).toBe('pass');
  });

  it('holds from below where higher is better', () => {
    const probe = checksOf({ name: 'probe', kind: 'probe' });
    expect(verdictOf([1, 1, 1, 1, 1, 1], probe).verdict).toBe('pass');
    expect(verdictOf([1, 1, 0], probe).verdict).toBe('fail');
  });
});

describe('whatever it is given, the judge', () => {
  const checks = checksOf(ERRORS, LATENCY, { name: 'orders', kind: 'count' });
  const point = fc.oneof(
    fc.constant<Point | undefined>(undefined),
    fc.record({ value: fc.constantFrom<number | null>(null, Number.NaN, 0, 0.5, 3, 100, 1e9, -1) }),
    fc.record({
      value: fc.constantFrom<number | null>(null, 0, 1, 50, 100),
      requests: fc.constantFrom(0, 1, 20, 600, Number.NaN),
    }),
  );
  const samples = fc
    .array(
      fc.record({
        minute: fc.nat(40),
        check: fc.constantFrom('errors', 'latency', 'orders', 'other'),
        group: fc.constantFrom<Group>('candidate', 'baseline'),
        point,
      }),
      {
        maxLength: 150,
      },
    )
    .map((list) =>
      list
        .filter((one) => one.point !== undefined)
        .sort((a, b) => a.minute - b.minute)
        .map((one): Sample => ({ time: at(one.minute), check: one.check, group: one.group, ...one.point! })),
    );
  const start = startJudge(checks, { intervalMs: 60_000 });
  const run = (list: Sample[]): JudgeState => list.reduce(observe, start);

  it('survives being written down between any two samples', () => {
    fc.assert(
      fc.property(samples, (list) => {
        const written = list.reduce<JudgeState>(
          (state, sample) => JSON.parse(JSON.stringify(observe(state, sample))),
          start,
        );
        expect(written).toEqual(JSON.parse(JSON.stringify(run(list))));
        expect(currentVerdict(written)).toEqual(currentVerdict(run(list)));
      }),
      { numRuns: 60 },
    );
  });

  it('gives the same answer in whatever order checks and groups report within a minute', () => {
    fc.assert(
      fc.property(samples, (list) => {
        // A second sample of the same minute is a repeated delivery: which one is first would matter.
        const once = list.filter(
          (a, i) =>
            list.findIndex((b) => b.time === a.time && b.check === a.check && b.group === a.group) === i,
        );
        const key = (sample: Sample): string => `${sample.time} ${sample.check} ${sample.group}`;
        const forwards = [...once].sort((a, b) => (key(a) < key(b) ? -1 : 1));
        const backwards = [...once].sort((a, b) =>
          a.time === b.time ? (key(a) < key(b) ? 1 : -1) : a.time < b.time ? -1 : 1,
        );
        expect(currentVerdict(run(backwards))).toEqual(currentVerdict(run(forwards)));
      }),
      { numRuns: 60 },
    );
  });

  it('never passes while a deciding check has an empty group', () => {
    fc.assert(
      fc.property(
        samples,
        fc.constantFrom('errors', 'latency', 'orders'),
        fc.constantFrom<Group>('candidate', 'baseline'),
        (list, check, group) => {
          const without = list.map((sample) =>
            sample.check === check && sample.group === group ? { ...sample, value: null } : sample,
          );
          expect(currentVerdict(run(without)).verdict).not.toBe('pass');
        },
      ),
      { numRuns: 100 },
    );
  });

  it('ignores what is delivered twice', () => {
    fc.assert(
      fc.property(samples, (list) => {
        const twice = list.flatMap((sample) => [sample, sample]);
        expect(currentVerdict(run(twice))).toEqual(currentVerdict(run(list)));
      }),
      { numRuns: 30 },
    );
  });

  it('leaves the state that it was given as it was', () => {
    const state = judge(checks, 5, (minute) => healthy(minute));
    const before = JSON.stringify(state);
    observe(state, { time: at(9), check: 'errors', group: 'candidate', value: 1, requests: 100 });
    expect(JSON.stringify(state)).toBe(before);
  });

  it('keeps a day of one-minute samples in less than 3 KiB a check', () => {
    const noisy = (minute: number): Point => ({
      value: 50 + 7 * Math.sin(minute * 12.9898),
      requests: 613 + (minute % 17),
    });
    const state = judge(checks, 24 * 60, (minute) => noisy(minute));
    expect(JSON.stringify(state).length / checks.length).toBeLessThan(3 * 1024);
  });

  it('digests its inputs: another value, another digest', () => {
    const digest = (value: number): string =>
      currentVerdict(judge(checks, 3, (minute) => ({ value: minute === 1 ? value : 7, requests: 100 })))
        .inputsDigest;
    expect(digest(7)).toBe(digest(7));
    expect(digest(8)).not.toBe(digest(7));
    expect(digest(7)).toMatch(/^sha256:[0-9a-f]{64}$/);
  });
});
