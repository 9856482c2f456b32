import { describe, expect, it } from 'vitest';
import {
  findMade,
  findTakenBack,
  type HistoryEntry,
  versionBefore,
} from '../../src/release/record/environment-history.ts';

let clock = 0;
const entry = (more: Pick<HistoryEntry, 'event' | 'version'> & Partial<HistoryEntry>): HistoryEntry => ({
  product: 'shop',
  environment: 'production',
  releaseId: `shop-${++clock}`,
  at: new Date(Date.UTC(2026, 10, 1) + clock * 1_000).toISOString(),
  generation: clock,
  ...more,
});
const live = (version: string, before?: string) =>
  entry({
    event: 'went_live',
    version,
    ...(before === undefined ? {} : { before }),
    commit: `of ${version}`,
  });
const back = (from: string, version: string) =>
  entry({ event: 'went_back', version, before: from, isBad: true });

describe('the version that ran before', () => {
  it('is what the environment ran before, whatever the numbers say', () => {
    expect(versionBefore([live('2.0.0', '1.9.0'), live('1.9.1', '2.0.0')], '1.9.1')).toBe('2.0.0');
    expect(versionBefore([live('1.0.0'), live('3.0.0', '1.0.0')], '3.0.0')).toBe('1.0.0');
  });

  it('is what ran there when the first deployment by Windlass came', () => {
    expect(versionBefore([live('1.3.0', '1.2.0')], '1.3.0')).toBe('1.2.0');
  });

  it('is never one that was taken back itself', () => {
    const history = [live('1.2.1', '1.2.0'), back('1.2.1', '1.2.0'), live('1.2.2', '1.2.0')];
    expect(versionBefore(history, '1.2.2')).toBe('1.2.0');
    // Not even where it was put there once more and replaced by another without a word.
    const again = [live('1.2.0'), live('1.2.1', '1.2.0'), live('1.1.0', '1.2.1'), back('1.1.0', '1.2.1')];
    expect(versionBefore([...again, back('1.2.1', '1.2.0'), live('1.3.0', '1.2.0')], '1.3.0')).toBe('1.2.0');
  });

  it('is one that was taken back and then put there again on purpose', () => {
    const history = [live('1.1.0', '1.0.0'), back('1.1.0', '1.0.0'), live('1.1.0', '1.0.0')];
    expect(findTakenBack(history, '1.1.0')).toBeUndefined();
    expect(versionBefore([...history, live('1.2.0', '1.1.0')], '1.2.0')).toBe('1.1.0');
  });

  it('is one that only made room for something more urgent', () => {
    const parked = entry({ event: 'went_back', version: '1.0.0', before: '1.1.0' });
    const history = [live('1.1.0', '1.0.0'), parked, live('1.0.1', '1.0.0'), live('1.1.0', '1.0.1')];
    expect(versionBefore([...history, live('1.2.0', '1.1.0')], '1.2.0')).toBe('1.1.0');
  });

  it('goes no further back when the same version is taken back twice', () => {
    const history = [live('1.1.0', '1.0.0'), live('1.2.0', '1.1.0'), back('1.2.0', '1.1.0')];
    expect(versionBefore(history, '1.1.0')).toBe('1.0.0');
    expect(findTakenBack(history, '1.2.0')?.version).toBe('1.1.0');
  });

  it('of something that was put there by hand is what Windlass put there last', () => {
    expect(versionBefore([live('1.1.0', '1.0.0')], '1.1.0-by-hand')).toBe('1.1.0');
    // Somebody went back by hand in between.
    const history = [live('1.1.0', '1.0.0'), live('1.2.0', '1.0.0')];
    expect(versionBefore(history, '1.2.0')).toBe('1.0.0');
  });

  it('is not known where nothing is', () => {
    expect(versionBefore([], '1.0.0')).toBeUndefined();
    expect(versionBefore([live('1.0.0')], '1.0.0')).toBeUndefined();
  });

  it('keeps of what a version is made, whatever became of it', () => {
    const history = [live('1.1.0', '1.0.0'), back('1.1.0', '1.0.0')];
    expect(findMade(history, '1.1.0')?.commit).toBe('of 1.1.0');
    expect(findMade(history, '1.0.0')).toBeUndefined();
  });
});
