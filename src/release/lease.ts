/** The rules of an environment's lease, as pure functions over its state. */
import { markdownText } from './views/markdown.ts';

/** Rollbacks go before hotfixes, hotfixes before releases. */
export const LEASE_PRIORITIES = ['rollback', 'hotfix', 'release'] as const;

export type LeasePriority = (typeof LEASE_PRIORITIES)[number];

export interface LeaseRequest<Undo = unknown> {
  /** Workflow id of the holder. */
  holder: string;
  /** The first run of the holder's chain: a reset or a continue-as-new is still the same holder. */
  runId: string;
  /** Set when the holder waits for the grant, and must be told again if it has it already. */
  asks?: true;
  priority: LeasePriority;
  purpose: string;
  /** A failing holder whose lease is taken over by its own rollback. */
  takeOverFrom?: string;
  /** What to put back if the holder vanishes without having given the lease back. */
  onLoss?: Undo;
}

export interface LeaseState<Undo = unknown> {
  /** Grows with every grant; scripts of an older one are refused. */
  generation: number;
  holder?: LeaseRequest<Undo> & { generation: number; since: string };
  waiting: (LeaseRequest<Undo> & { since: string })[];
}

const ORDER: Record<LeasePriority, number> = { rollback: 0, hotfix: 1, release: 2 };

/** A lease that nobody holds. `generation` is the last one that was granted. */
export function openLease(generation: number): LeaseState<never> {
  return { generation, waiting: [] };
}

/** Adds a waiter, or brings a holder's or waiter's own request up to date. */
export function askForLease<U>(state: LeaseState<U>, request: LeaseRequest<U>, at: string): LeaseState<U> {
  if (state.holder && isSameHolder(state.holder, request)) {
    const { generation, since } = state.holder;
    return { ...state, holder: { ...request, generation, since } };
  }
  const others = state.waiting.filter((waiter) => waiter.holder !== request.holder);
  const since = state.waiting.find((waiter) => waiter.holder === request.holder)?.since ?? at;
  return { ...state, waiting: sortWaiters([...others, { ...request, since }]) };
}

/** Whether both are the same workflow: another one of the same id, started after the first ended, is another. */
export function isSameHolder(
  a: Pick<LeaseRequest, 'holder' | 'runId'>,
  b: Pick<LeaseRequest, 'holder' | 'runId'>,
): boolean {
  return a.holder === b.holder && a.runId === b.runId;
}

/** The holder gives it back, or a waiter gives up. */
export function giveBackLease<U>(state: LeaseState<U>, holder: string): LeaseState<U> {
  return {
    ...dropHolder(state, holder),
    waiting: state.waiting.filter((waiter) => waiter.holder !== holder),
  };
}

/** The lease without its holder, where it is held by this one; whoever waits goes on waiting. */
export function dropHolder<U>(state: LeaseState<U>, holder: string): LeaseState<U> {
  if (state.holder?.holder !== holder) return state;
  const { holder: _gone, ...rest } = state;
  return rest;
}

/**
 * The state after the next grant, or `undefined` when there is nothing to grant. A rollback takes the lease over
 * from the very holder that it rolls back; everybody else waits until the lease is free. `least`: the generation is not
 * below it, whatever this lease remembers.
 */
export function grantNext<U>(state: LeaseState<U>, at: string, least = 0): LeaseState<U> | undefined {
  const holder = state.holder;
  const next = holder
    ? state.waiting.find((waiter) => waiter.takeOverFrom === holder.holder)
    : state.waiting[0];
  if (!next) return undefined;
  const generation = Math.max(state.generation + 1, least);
  return {
    generation,
    holder: { ...next, generation, since: at },
    waiting: state.waiting.filter((waiter) => waiter !== next),
  };
}

/**
 * The least generation of a grant at that time (ISO 8601): seconds since this year began. A lease that lost its memory
 * (terminated, reset, a new namespace) would count from 1 again, and the scripts, which remember, would refuse an
 * emergency's rollback; nobody grants a lease more than once a second for long, so time is always ahead of the count.
 */
export function leastGeneration(at: string): number {
  return Math.floor((Date.parse(at) - GENERATIONS_FROM) / 1_000);
}

const GENERATIONS_FROM = Date.UTC(2026, 0, 1);

/** More wait for no environment: what comes on top is somebody's flood, and the lock must stay small. */
const WAITERS_KEPT = 100;

/** Whether another request may be kept: one that is known already always may. */
export function isRoomFor<U>(state: LeaseState<U>, request: LeaseRequest<U>): boolean {
  const known =
    state.holder?.holder === request.holder ||
    state.waiting.some((waiter) => waiter.holder === request.holder);
  return known || state.waiting.length < WAITERS_KEPT;
}

/** Who holds it, who waits and since when, for the Web UI. */
export function renderLease(product: string, environment: string, state: LeaseState): string {
  const { holder } = state;
  const lines = [
    `# ${markdownText(environment)} of ${markdownText(product)}`,
    holder
      ? `Held by \`${holder.holder}\` since ${holder.since} (${markdownText(holder.purpose)}), generation ${holder.generation}.`
      : `Free. Last generation: ${state.generation}.`,
    ...state.waiting.map(
      (waiter) =>
        `- waits since ${waiter.since}: \`${waiter.holder}\` (${waiter.priority}, ${markdownText(waiter.purpose)})`,
    ),
  ];
  return lines.join('\n');
}

function sortWaiters<U>(waiting: LeaseState<U>['waiting']): LeaseState<U>['waiting'] {
  return waiting.toSorted(
    (a, b) => ORDER[a.priority] - ORDER[b.priority] || (a.since < b.since ? -1 : a.since > b.since ? 1 : 0),
  );
}
