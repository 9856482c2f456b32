/**
 * The calendar of releases: at which sprint ends the schedule releases, and when a freeze holds production. Pure:
 * instants come in and go out as milliseconds since 1970, "now" is an argument.
 */

import { DAY_MS, HOUR_MS } from '../duration.ts';
import { DAYS } from '../names.ts';
import { compactDay } from '../record/release-id.ts';
import type { FreezeWindow, ScheduleSettings } from '../settings.ts';
import { findBounds, findInstants, openZone, readLocal, timeOfDay, type ZoneClock } from './calendar-zone.ts';

const WEEK_MS = 7 * DAY_MS;

/**
 * Whether the calendar week (Monday to Sunday, local to the time zone) of the instant `at` is one in which a sprint
 * ends: the week of the anchor, and every `everyWeeks` weeks before and after it. Weeks are counted on the calendar
 * and not in hours, so that a change of the clocks never moves a fortnight.
 */
export function isSprintEnd(
  settings: Pick<ScheduleSettings, 'everyWeeks' | 'anchor' | 'timeZone'>,
  at: number,
): boolean {
  return isWeekOf(settings, openZone(settings.timeZone).read(at));
}

function isWeekOf(
  { everyWeeks, anchor }: Pick<ScheduleSettings, 'everyWeeks' | 'anchor'>,
  local: number,
): boolean {
  const weeks = (startOfWeek(local) - startOfWeek(Date.parse(`${anchor}T00:00:00Z`))) / WEEK_MS;
  return weeks % everyWeeks === 0;
}

function startOfWeek(local: number): number {
  const day = Math.floor(local / DAY_MS);
  // The first of January 1970 was a Thursday: three days after a Monday.
  return (day - ((((day + 3) % 7) + 7) % 7)) * DAY_MS;
}

/** How many weeks ahead are looked at; a schedule of every 52 weeks has 20 occurrences in them. */
const HORIZON_WEEKS = 52 * 20;

/**
 * The next `count` instants after `from` at which the schedule starts a release. As Temporal's own calendar does it:
 * a time of day that does not exist on its day is left out. One that is there twice counts at both (the server may
 * take the second only; which, depends on the zone).
 */
export function nextOccurrences(settings: ScheduleSettings, from: number, count: number): number[] {
  const clock = openZone(settings.timeZone);
  const day = (DAYS as readonly string[]).indexOf(settings.day);
  const found: number[] = [];
  // A week early: the zone's week may have begun before the first one that is looked at.
  let monday = startOfWeek(clock.read(from)) - WEEK_MS;
  for (let week = 0; week < HORIZON_WEEKS && found.length < count; week += 1, monday += WEEK_MS) {
    if (!isWeekOf(settings, monday)) continue;
    const local = monday + ((day + 6) % 7) * DAY_MS + timeOfDay(settings.time);
    found.push(...findInstants(clock, local).filter((at) => at > from));
  }
  return found.slice(0, count);
}

/** The first of `windows` that holds at the instant `at`. Bounds: the beginning is in the freeze, the end is not. */
export function activeFreeze(windows: readonly FreezeWindow[], at: number): FreezeWindow | undefined {
  return windows.find((window) => freezeEnds(window, at) !== undefined);
}

/**
 * The instant at which `window`, if it holds at `at`, lets go; `undefined` when it does not hold. In doubt it holds:
 * a bound that is there twice, since clocks are put back, begins a freeze at its first and ends it at its second
 * time. A weekly freeze `until: '23:59'` reaches to midnight, since the day has no later minute to write.
 */
export function freezeEnds(window: FreezeWindow, at: number): number | undefined {
  const clock = openZone(window.timeZone);
  return listSpans(window, clock, at).find(({ start, end }) => start <= at && at < end)?.end;
}

/** Freezes may touch or overlap: more of them in a row than this are not followed further. */
const MAX_FREEZES_IN_A_ROW = 100;

/**
 * The instant from which none of `windows` holds any more, also where one begins before another ends; `at` itself
 * when none holds. `undefined` when they go on without a gap (a freeze of all seven days).
 */
export function freezesEnd(windows: readonly FreezeWindow[], at: number): number | undefined {
  let free = at;
  for (let followed = 0; followed < MAX_FREEZES_IN_A_ROW; followed += 1) {
    const ends = windows.flatMap((window) => freezeEnds(window, free) ?? []);
    if (ends.length === 0) return free;
    free = Math.max(...ends);
  }
  return undefined;
}

function listSpans(window: FreezeWindow, clock: ZoneClock, at: number): { start: number; end: number }[] {
  if (window.weekly) {
    const { days, from, until } = window.weekly;
    const today = Math.floor(clock.read(at) / DAY_MS) * DAY_MS;
    // Neighbouring days too: on a day when clocks are put back over midnight, a date begins twice.
    return [today - DAY_MS, today, today + DAY_MS]
      .filter((day) => days.includes(DAYS[new Date(day).getUTCDay()] ?? ''))
      .map((day) => ({
        start: findBounds(clock, day + timeOfDay(from)).first,
        end: findBounds(clock, day + endOfDay(until)).last,
      }));
  }
  if (window.from === undefined || window.until === undefined) return [];
  return [
    {
      start: findBounds(clock, readLocal(window.from)).first,
      end: findBounds(clock, readLocal(window.until)).last,
    },
  ];
}

function endOfDay(time: string): number {
  return time === '23:59' ? DAY_MS : timeOfDay(time);
}

/** An instant as people of a time zone read it: `Fri 2026-11-20 16:00`. */
export function describeLocal(at: number, timeZone: string): string {
  const local = new Date(openZone(timeZone).read(at));
  const weekday = (DAYS[local.getUTCDay()] ?? '').replace(/^./, (letter) => letter.toUpperCase());
  return `${weekday} ${local.toISOString().slice(0, 16).replace('T', ' ')}`;
}

/** By hand once a firing comes later than this: the server starts nothing that it missed by an hour. */
const CATCHUP_MS = 2 * HOUR_MS;

/**
 * Whether a firing for the instant `nominal`, taken up at `now`, is none of the schedule's own: somebody fired it, or
 * filled in a time that is over. A schedule that does not say when it fires tells nothing.
 */
export function isFiredByHand(
  { fires, timeZone }: { fires?: Pick<ScheduleSettings, 'day' | 'time'>; timeZone: string },
  nominal: number,
  now: number,
): boolean {
  if (fires === undefined) return false;
  const local = new Date(openZone(timeZone).read(nominal));
  const day = DAYS[local.getUTCDay()];
  const time = local.toISOString().slice(11, 16);
  return day !== fires.day || time !== fires.time || now - nominal > CATCHUP_MS;
}

/** The date of an instant in a time zone, as it stands in a release's id: `20261120`. */
export function compactDate(at: number, timeZone: string): string {
  return compactDay(new Date(openZone(timeZone).read(at)).toISOString());
}
