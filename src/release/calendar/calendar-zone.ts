/**
 * Local time in an IANA time zone, through Intl alone: pure, and there in Temporal's workflow sandbox as well.
 * A local time is not an instant: when clocks are put forward it may not exist, when they are put back it is there
 * twice. Every function here says what it does with such a time.
 */

import { HOUR_MS, MINUTE_MS } from '../duration.ts';

/** The wall clock of one time zone. Making one is slow, asking it is quick: make one for each piece of work. */
export interface ZoneClock {
  timeZone: string;
  /** What local clocks show at an instant (milliseconds since 1970), as if it were UTC, in milliseconds. */
  read(at: number): number;
}

/** How far to look for the offsets on both sides of a local time: more than any zone ever moved at once (24 h). */
const NEIGHBOURHOOD_MS = 26 * HOUR_MS;

/** @throws RangeError when this machine does not know the zone. */
export function openZone(timeZone: string): ZoneClock {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return {
    timeZone,
    read(at) {
      const shown: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {};
      for (const { type, value } of format.formatToParts(at)) shown[type] = Number(value);
      const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = shown;
      const milliseconds = ((at % 1_000) + 1_000) % 1_000;
      return Date.UTC(year, month - 1, day, hour, minute, second, milliseconds);
    },
  };
}

/**
 * The instants at which local clocks show `local` (as if it were UTC, in milliseconds), in order: one as a rule, two when clocks are
 * put back over it, none when they are put forward over it.
 */
export function findInstants(clock: ZoneClock, local: number): number[] {
  const offsets = [local - NEIGHBOURHOOD_MS, local + NEIGHBOURHOOD_MS].map((at) => clock.read(at) - at);
  const candidates = [...new Set(offsets.map((offset) => local - offset))];
  return candidates.filter((at) => clock.read(at) === local).sort((a, b) => a - b);
}

/**
 * The first and the last instant at which a span that is bounded by the local time `local` may begin or end. Both
 * are the same as a rule; a time that is there twice has two; for one that does not exist both are the moment at
 * which the clocks are put forward over it.
 */
export function findBounds(clock: ZoneClock, local: number): { first: number; last: number } {
  const instants = findInstants(clock, local);
  const first = instants[0] ?? findLeap(clock, local);
  return { first, last: instants.at(-1) ?? first };
}

/** The instant at which clocks are put forward over `local`, to the millisecond. */
function findLeap(clock: ZoneClock, local: number): number {
  let before = local - NEIGHBOURHOOD_MS;
  let after = local + NEIGHBOURHOOD_MS;
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (clock.read(middle) < local) before = middle;
    else after = middle;
  }
  return after;
}

/** `18:30` as milliseconds since midnight. */
export function timeOfDay(time: string): number {
  const [hour = 0, minute = 0] = time.split(':').map(Number);
  return (hour * 60 + minute) * MINUTE_MS;
}

/** `2026-12-20T18:00` as milliseconds, as if it were UTC. */
export function readLocal(text: string): number {
  return Date.parse(`${text}Z`);
}
