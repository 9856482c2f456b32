/**
 * When a change of an environment may begin: inside its windows, if it has any, outside of its freezes, and not before
 * the time that was asked for. Pure, like the calendar of freezes.
 */

import { DAY_MS } from '../duration.ts';
import { DAYS } from '../names.ts';
import type { DeployWindow, FreezeWindow } from '../settings.ts';
import { activeFreeze, describeLocal, freezesEnd } from './calendar.ts';
import { findBounds, openZone, readLocal, timeOfDay, type ZoneClock } from './calendar-zone.ts';

/** Everything that may hold a change of one environment. */
export interface DeployCalendar {
  freezes: readonly FreezeWindow[];
  /** None: at any time. */
  windows?: readonly DeployWindow[] | undefined;
  /** The time that was asked for, in milliseconds since 1970. */
  notBefore?: number | undefined;
}

/** What holds a change now. Times of it are told in `timeZone`. */
export interface Hold {
  kind: 'freeze' | 'windows' | 'deploy_at';
  /** Of a freeze its name. */
  name: string;
  timeZone: string;
}

interface Span {
  start: number;
  end: number;
}

/** What holds a change at the instant `at`: a freeze first, since it says why. */
export function findHold({ freezes, windows = [], notBefore }: DeployCalendar, at: number): Hold | undefined {
  const freeze = activeFreeze(freezes, at);
  if (freeze) return { kind: 'freeze', name: freeze.name, timeZone: freeze.timeZone };
  const timeZone = windows[0]?.timeZone ?? freezes[0]?.timeZone ?? 'UTC';
  if (notBefore !== undefined && at < notBefore) return { kind: 'deploy_at', name: '', timeZone };
  if (isOpen(windows, at)) return undefined;
  return { kind: 'windows', name: '', timeZone };
}

/** What holds, and until when, as a sentence. `ends`: as `holdsEnd` says. */
export function describeHold(
  { kind, name, timeZone }: Hold,
  environment: string,
  ends: number | undefined,
): string {
  const until = ends === undefined ? 'without an end' : `until ${describeLocal(ends, timeZone)}`;
  const zone = ends === undefined ? '' : ` (${timeZone})`;
  if (kind === 'freeze') return `the freeze "${name}" of ${environment} holds ${until}`;
  if (kind === 'deploy_at') return `a time was asked for: ${environment} waits ${until}${zone}`;
  return `no deploy window of ${environment} is open: it waits ${until}${zone}`;
}

/** Freezes and windows may take turns: more than so many in a row are not followed further. */
const MAX_TURNS = 100;

/** The first instant from `at` at which nothing holds; `undefined` when none is in sight. */
export function holdsEnd(
  { freezes, windows = [], notBefore }: DeployCalendar,
  at: number,
): number | undefined {
  const opened = openWindows(windows);
  let free = Math.max(at, notBefore ?? at);
  for (let turn = 0; turn < MAX_TURNS; turn += 1) {
    const thawed = freezesEnd(freezes, free);
    const opens = thawed === undefined ? undefined : findOpening(opened, thawed);
    if (opens === undefined || opens === free) return opens;
    free = opens;
  }
  return undefined;
}

/** Whether one of the windows is open; without any it always is. In doubt it is closed. */
export function isOpen(windows: readonly DeployWindow[], at: number): boolean {
  return isOneOpen(openWindows(windows), at);
}

/** The first instant from `at` at which a window is open; `at` itself if one is. `undefined`: none opens any more. */
export function nextOpening(windows: readonly DeployWindow[], at: number): number | undefined {
  return findOpening(openWindows(windows), at);
}

/** A window with the clock of its zone, which is slow to make. */
interface OpenedWindow {
  window: DeployWindow;
  clock: ZoneClock;
}

function openWindows(windows: readonly DeployWindow[]): OpenedWindow[] {
  return windows.map((window) => ({ window, clock: openZone(window.timeZone) }));
}

function isOneOpen(windows: readonly OpenedWindow[], at: number): boolean {
  // From the day before yesterday on: a window over midnight is still open, and some dates begin twice.
  const isIn = (day: number) => (one: OpenedWindow) =>
    listSpans(one, at, day).some(({ start, end }) => start <= at && at < end);
  return windows.length === 0 || [-2, -1, 0, 1].some((day) => windows.some(isIn(day)));
}

/** Two weeks: a window that clocks which are put forward swallow this week opens in the next one. */
const LOOKED_AHEAD_DAYS = 15;

function findOpening(windows: readonly OpenedWindow[], at: number): number | undefined {
  if (isOneOpen(windows, at)) return at;
  const starts = windows.flatMap((one) => {
    for (let day = -1; day <= LOOKED_AHEAD_DAYS; day += 1) {
      const found = listSpans(one, at, day).find(({ start }) => start > at);
      if (found) return [found.start];
    }
    return [];
  });
  return starts.length === 0 ? undefined : Math.min(...starts);
}

/**
 * The span that a window has on a day, counted from the local day of `at`. A bound that is there twice opens at its
 * second and closes at its first time, since in doubt nothing begins; one that is swallowed is the moment at which
 * clocks are put forward.
 */
function listSpans({ window, clock }: OpenedWindow, at: number, day: number): Span[] {
  const { weekly, from, until } = window;
  const span = (opens: number, closes: number): Span[] => {
    const { last: start } = findBounds(clock, opens);
    const { first: end } = findBounds(clock, closes);
    return start < end ? [{ start, end }] : [];
  };
  if (!weekly) {
    if (from === undefined || until === undefined || day !== 0) return [];
    return span(readLocal(from), readLocal(until));
  }
  const date = Math.floor(clock.read(at) / DAY_MS) * DAY_MS + day * DAY_MS;
  if (!weekly.days.includes(DAYS[new Date(date).getUTCDay()] ?? '')) return [];
  return span(date + timeOfDay(weekly.from), date + endOf(weekly));
}

/** An end that is not after the beginning is on the next day; `23:59` reaches to midnight. */
function endOf({ from, until }: { from: string; until: string }): number {
  if (until === '23:59') return DAY_MS;
  return timeOfDay(until) <= timeOfDay(from) ? DAY_MS + timeOfDay(until) : timeOfDay(until);
}
