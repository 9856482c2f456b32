import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { API_MS } from '../../release/policy/inner-times.ts';
import type { FlowKind } from '../flows.ts';
import type { CurrentRelease, WorkflowGateway } from '../gateway.ts';
import { presentRecord } from '../schemas/release.ts';

/** A release as it is now, with the name of this state. */
export interface Snapshot {
  /** Digest of the state: the same one has the same id at every copy of the API. */
  id: string;
  current: CurrentRelease;
  /** `{ open, record, unverified }` as JSON, made once for all viewers. */
  json: string;
}

export interface WatchOptions {
  gateway: WorkflowGateway;
  product: string;
  kind: FlowKind;
  signal: AbortSignal;
  onChange: (snapshot: Snapshot) => void;
  onError: (error: unknown) => void;
}

/**
 * Follows one product's release until `signal` aborts: one long poll on its history, then one query, however many
 * people look on. After an end it waits for the next release. Errors are told and tried again, ever more slowly.
 */
export async function watchRelease(options: WatchOptions): Promise<void> {
  let retryMs = API_MS.firstRetry;
  while (!options.signal.aborted) {
    try {
      await followRun(options, () => {
        retryMs = API_MS.firstRetry;
      });
    } catch (error) {
      if (options.signal.aborted) return;
      options.onError(error);
      await pause(retryMs, options.signal);
      retryMs = Math.min(2 * retryMs, API_MS.lastRetry);
    }
  }
}

/** Returns when the run has ended and a while has passed; throws when Temporal or the worker is away. */
async function followRun(options: WatchOptions, onAnswer: () => void): Promise<void> {
  const { gateway, product, kind, signal } = options;
  const publish = async () => {
    const current = await gateway.readCurrent(product, kind);
    onAnswer();
    if (current && !signal.aborted) options.onChange(takeSnapshot(current));
    return current;
  };
  const current = await publish();
  const { workflowId, runId } = current ?? {};
  if (!current?.open || workflowId === undefined || runId === undefined) {
    await pause(API_MS.closedPause, signal);
    return;
  }
  let cursor: Uint8Array | undefined;
  while (!signal.aborted) {
    const news = await gateway.waitForChange({ workflowId, runId }, cursor, signal);
    cursor = news.cursor;
    if (news.changed || news.closed) {
      await pause(API_MS.settle, signal);
      await publish();
    }
    if (news.closed) {
      await pause(API_MS.closedPause, signal);
      return;
    }
  }
}

/** The state of a release with its id. */
export function takeSnapshot(current: CurrentRelease): Snapshot {
  const { open, record, unverified } = current;
  const json = JSON.stringify({
    open,
    record: presentRecord(record),
    ...(unverified === undefined ? {} : { unverified: `${unverified}.` }),
  });
  return { id: createHash('sha256').update(json).digest('hex').slice(0, 16), current, json };
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined);
}
