import type { MetricCheck } from '../../../release/verdict/check.ts';
import { kindNamed } from '../../../release/verdict/checks/check-words.ts';

/** More failed answers than this is a product that is down: nobody means such a limit. In per cent. */
const HALF = 50;
/** Failed answers that are borne where nothing is said, in per cent. */
const BORNE = 5;

/** Names of what takes time rather than of what fails. */
const TAKES_TIME = /latency|duration|p\d\d|(?:^|[_-])time(?:[_-]|$)|[_-]ms$|slow/i;

/**
 * What an address measures where the check leaves it open: the share of failed answers in per cent, lower is better,
 * against a limit of its own. An address has no baseline.
 */
export function completeHttpCheck(written: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const compare = written['compare'] ?? 'none';
  const kind = written['kind'] ?? (TAKES_TIME.test(String(written['name'])) ? 'latency' : 'ratio');
  // A probe is the share of good answers from 0 to 1, and says so by its kind.
  if (kind === 'probe') return { kind, compare };
  const direction = written['direction'] ?? 'lower_is_better';
  if (kindNamed(kind) !== 'ratio') return { kind, direction, compare };
  const limit = written['limit'] ?? (/^(?:higher|decrease)/.test(String(direction)) ? 100 - BORNE : BORNE);
  return { kind, direction, compare, limit };
}

/** What cannot be measured at an address, or would be read upside down. */
export function refuseHttpCheck(check: MetricCheck): { key: string; message: string } | undefined {
  const { kind, direction, compare } = check;
  const limit = check.limit?.value;
  const higher = direction === 'higher_is_better';
  if (compare === 'baseline')
    return {
      key: 'compare',
      message: 'must be none: an address has no baseline, it is held against its limit',
    };
  if (kind === 'count')
    return { key: 'kind', message: 'must be ratio or latency: an address counts nothing' };
  if (limit === undefined) return undefined;
  if (kind === 'ratio' && !higher && limit > HALF)
    return {
      key: 'limit',
      message: `is the share of failed answers in per cent: ${limit} would pass when ${limit} of 100 fail; for the share of good ones write direction: higher_is_better`,
    };
  if (kind === 'ratio' && higher && limit < HALF)
    return {
      key: 'limit',
      message: `is the share of good answers in per cent: ${limit} would pass when ${100 - limit} of 100 fail; for the share of failed ones write direction: lower_is_better`,
    };
  if (kind === 'sample' && higher && limit > 1)
    return {
      key: 'limit',
      message: 'is a share of good answers from 0 to 1 (kind: probe); for per cent write kind: ratio',
    };
  return undefined;
}
