/** What the API answers, as far as the command line uses it. */
import { isKnownFormat, type ReleaseRecord } from '../../release/record/record.ts';
import { CliProblem } from '../line/cli-problem.ts';
import type { ReadPart } from './audit/verify-chain.ts';

/** A line of `GET /v1/releases`. */
export interface ReleaseListing {
  product: string;
  open: boolean;
  startedAt: string;
  version?: string;
  phase?: string;
  outcome?: string;
  waitingFor: string[];
}

/** One release, as `GET /v1/releases/:product` and its event stream give it. */
export interface ReleaseView {
  record: ReleaseRecord;
  /** Whether its workflow still runs. One that was terminated in the Web UI is closed without an outcome. */
  open: boolean;
  /** Why nothing of it is to be believed. */
  unverified?: string;
  stopped?: string;
}

/**
 * The release in an answer.
 * @throws CliProblem when there is none: the API is of another version than this command line.
 */
export function readView(answer: unknown): ReleaseView {
  const holder = answer as {
    record?: unknown;
    open?: unknown;
    unverified?: unknown;
    stopped?: unknown;
  } | null;
  const record = (holder?.record ?? holder) as Partial<ReleaseRecord> | null;
  if (
    record &&
    isKnownFormat(record) &&
    Array.isArray(record.timeline) &&
    typeof record.releaseId === 'string'
  ) {
    const open = typeof holder?.open === 'boolean' ? holder.open : record.outcome === undefined;
    const unverified = typeof holder?.unverified === 'string' ? { unverified: holder.unverified } : {};
    const stopped = typeof holder?.stopped === 'string' ? { stopped: holder.stopped } : {};
    return { record: record as ReleaseRecord, open, ...unverified, ...stopped };
  }
  throw new CliProblem("the API's answer holds no record of a release that this version understands.", {
    hint: 'Use the same version of Windlass at both ends.',
  });
}

/**
 * A record with the older parts of its audit trail, as `GET /v1/releases/:product/trail` gives them.
 * @throws CliProblem as `readView`.
 */
export function readTrail(answer: unknown): { record: ReleaseRecord; parts: ReadPart[] } {
  const { record } = readView(answer);
  const { parts } = answer as { parts?: unknown };
  return { record, parts: Array.isArray(parts) ? (parts as ReadPart[]) : [] };
}
