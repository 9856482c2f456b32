import { describe, expect, it } from 'vitest';
import { formatDuration, nameDuration, parseDuration } from '../../src/release/duration.ts';

describe('lengths of time', () => {
  it.each([
    ['45s', 45_000],
    ['1h30m', 5_400_000],
    ['2d', 172_800_000],
    ['1.5h', 5_400_000],
    ['250ms', 250],
    ['0s', 0],
  ])('%s is read as %i ms', (written, ms) => {
    expect(parseDuration(written)).toBe(ms);
  });

  it.each(['', '30', 'm', '1h 30m', '-1m', '1w', '30 m', '1h30', '1e3s'])('%j is none', (written) => {
    expect(parseDuration(written)).toBeUndefined();
  });

  it('what is written is read again, to the millisecond', () => {
    for (const ms of [0, 1, 999, 1_000, 61_001, 5_400_000, 86_399_999, 90_061_001]) {
      expect(parseDuration(formatDuration(ms)), formatDuration(ms)).toBe(ms);
    }
    expect(formatDuration(90_000)).toBe('1m30s');
  });

  it.each([
    [0, '0 s'],
    [-5, '0 s'],
    [499, '0 s'],
    [59_600, '1 min'],
    [90_000, '1 min 30 s'],
    [3_600_000, '1 h'],
    [5_400_400, '1 h 30 min'],
    [90_061_000, '1 d 1 h'],
  ])('%i ms is told as %s', (ms, told) => {
    expect(nameDuration(ms)).toBe(told);
  });
});
