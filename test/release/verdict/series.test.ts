import { describe, expect, it } from 'vitest';
import { readChecks } from '../../../src/release/verdict/checks/read-checks.ts';
import { readSeries, type SeriesSample } from '../../../src/release/verdict/read-series.ts';
import { judgeSeries, usualInterval } from '../../../src/release/verdict/series.ts';

const { checks } = readChecks([{ name: 'latency', kind: 'sample' }]);
const START = Date.parse('2026-03-02T10:00:00Z');

function series(minutes: number, value: (minute: number) => number, from = START): SeriesSample[] {
  return Array.from({ length: minutes }, (_, minute) => ({
    time: new Date(from + minute * 60_000).toISOString(),
    check: 'latency',
    value: value(minute),
  }));
}

describe('recorded series', () => {
  it('say the same as CSV in any column order and as JSON lines', () => {
    const csv =
      'check,value,time,requests\nerrors,0.5,2026-03-02T10:00:00Z,600\n"a, ""b""",NaN,2026-03-02T11:01:00+01:00,\n';
    const jsonl =
      '{"time":"2026-03-02T10:00:00Z","check":"errors","value":0.5,"requests":600}\n\n' +
      '{"time":"2026-03-02T10:01:00Z","check":"a, \\"b\\"","value":NaN}\n';
    const expected = [
      { time: '2026-03-02T10:00:00.000Z', check: 'errors', value: 0.5, requests: 600 },
      { time: '2026-03-02T10:01:00.000Z', check: 'a, "b"', value: null },
    ];
    expect(readSeries(csv)).toEqual({ samples: expected, mistakes: [] });
    expect(readSeries(jsonl)).toEqual({ samples: expected, mistakes: [] });
    expect(readSeries(JSON.stringify(expected)).samples).toEqual(expected);
    expect(readSeries(csv.replaceAll('\n', '\r\n')).samples).toEqual(expected);
    const extra = 'host;check;value;time;requests\nweb-1;errors;0.5;2026-03-02 10:00:00;600\n';
    for (const separated of [extra, extra.replaceAll(';', '\t'), extra.replaceAll(';', ',')])
      expect(readSeries(`\ufeff${separated}`)).toEqual({ samples: [expected[0]], mistakes: [] });
  });

  it('are refused with the line of every mistake', () => {
    expect(readSeries('time,check\n').mistakes).toEqual([
      { line: 1, message: 'the header lacks value: it must name time, check, value and may name requests' },
    ]);
    const { samples, mistakes } = readSeries(
      'time,check,value\nyesterday,a,1\n2026-03-02T10:00:00Z,a,much\n2026-03-02T10:00:00Z,a\n',
    );
    expect(samples).toEqual([]);
    expect(mistakes.map((mistake) => mistake.line).sort()).toEqual([2, 3, 4]);
    expect(
      readSeries('{"time": 1}\nnot json\n')
        .mistakes.map((mistake) => mistake.line)
        .sort(),
    ).toEqual([1, 2]);
  });

  it('do not guess at times that count seconds', () => {
    for (const text of ['time,check,value\n1772445600,a,1\n', '{"time":1772445600,"check":"a","value":1}\n'])
      expect(readSeries(text).mistakes[0]?.message).toContain('not seconds since 1970');
  });

  it('that are empty give a missing verdict and no error', () => {
    expect(readSeries('')).toEqual({ samples: [], mistakes: [] });
    expect(judgeSeries(checks, [], []).verdict).toBe('missing');
    expect(
      judgeSeries(
        checks,
        [],
        series(30, () => 80),
      ).verdict,
    ).toBe('missing');
  });

  it('of the same hours before are laid beside the candidate', () => {
    const wave = (minute: number): number => 100 + 60 * Math.sin(minute / 9);
    const before = series(60, wave, START - 24 * 3_600_000);
    const verdict = judgeSeries(checks, before, series(60, wave));
    expect(verdict).toMatchObject({ verdict: 'pass', baselineShiftMs: 24 * 3_600_000 });
    expect(verdict.checks[0]!.statistics).toMatchObject({ pairs: 60, ratio: 1 });
    expect(
      judgeSeries(
        checks,
        before,
        series(60, (minute) => 1.4 * wave(minute)),
      ).verdict,
    ).toBe('fail');
    expect(judgeSeries(checks, series(60, wave), series(60, wave)).baselineShiftMs).toBe(0);
  });

  it('are paired although both groups are scraped some seconds apart, in any order of lines', () => {
    const candidate = series(30, () => 80, START + 7_000).reverse();
    const verdict = judgeSeries(
      checks,
      series(30, () => 80),
      candidate,
    );
    expect(verdict.checks[0]!.statistics).toMatchObject({ pairs: 30, minutes: 30 });
    expect(
      usualInterval(
        [...series(30, () => 1), ...series(30, () => 1, START + 2_000)].map((one) => ({
          ...one,
          group: 'baseline',
        })),
      ),
    ).toBeGreaterThan(50_000);
  });

  it('of an hour with five checks are judged in milliseconds', () => {
    const five = readChecks(['a', 'b', 'c', 'd', 'e'].map((name) => ({ name, kind: 'sample' }))).checks;
    const all = (offset: number): SeriesSample[] =>
      five.flatMap((check) =>
        series(60, (minute) => 80 + ((minute * 7 + offset) % 5)).map((one) => ({
          ...one,
          check: check.name,
        })),
      );
    judgeSeries(five, all(0), all(1));
    const before = process.cpuUsage();
    for (let i = 0; i < 10; i++) judgeSeries(five, all(0), all(1));
    const { user } = process.cpuUsage(before);
    expect(user / 10 / 1000).toBeLessThan(100);
  });
});
