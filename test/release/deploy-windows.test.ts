import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type DeployCalendar,
  describeHold,
  findHold,
  holdsEnd,
  isOpen,
  nextOpening,
} from '../../src/release/calendar/deploy-windows.ts';
import type { DeployWindow, FreezeWindow } from '../../src/release/settings.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const HALF = HOUR / 2;
const at = (iso: string) => Date.parse(iso);
const iso = (instant: number | undefined) =>
  instant === undefined ? undefined : new Date(instant).toISOString().slice(0, 16);

const NAMES = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const ZONES = [
  'Europe/Berlin',
  'America/New_York',
  'America/Santiago',
  'Australia/Lord_Howe',
  'Africa/Cairo',
  'Asia/Kolkata',
  'Pacific/Apia',
  'UTC',
];

const office: DeployWindow = {
  timeZone: 'Europe/Berlin',
  weekly: { days: ['mon', 'tue', 'wed', 'thu'], from: '09:00', until: '16:00' },
};
const night: DeployWindow = {
  timeZone: 'Europe/Berlin',
  weekly: { days: ['fri', 'sat'], from: '22:00', until: '04:00' },
};

describe('deploy windows', () => {
  test('are open from their first minute to just before their last, and nothing begins between them', () => {
    expect(isOpen([office], at('2026-11-26T07:59:59Z'))).toBe(false);
    expect(isOpen([office], at('2026-11-26T08:00Z'))).toBe(true);
    expect(isOpen([office], at('2026-11-26T14:59:59Z'))).toBe(true);
    expect(isOpen([office], at('2026-11-26T15:00Z'))).toBe(false);
    // After Thursday comes Monday.
    expect(iso(nextOpening([office], at('2026-11-26T15:00Z')))).toBe('2026-11-30T08:00');
    expect(isOpen([], at('2026-11-26T15:00Z'))).toBe(true);
  });

  test('reach over midnight where they close at an earlier time than they open', () => {
    for (const [when, open] of [
      ['2026-11-27T20:59Z', false],
      ['2026-11-27T21:00Z', true],
      ['2026-11-28T02:59Z', true],
      ['2026-11-28T03:00Z', false],
      ['2026-11-29T02:59Z', true],
      ['2026-11-29T21:00Z', false],
    ] as const) {
      expect([when, isOpen([night], at(when))]).toEqual([when, open]);
    }
    const day = { ...office, weekly: { days: ['tue'], from: '10:00', until: '10:00' } };
    expect(isOpen([day], at('2026-11-25T08:59Z'))).toBe(true);
    expect(isOpen([day], at('2026-11-25T09:00Z'))).toBe(false);
  });

  test('of one span open once, and never again', () => {
    const once: DeployWindow = { timeZone: 'UTC', from: '2026-12-01T10:00', until: '2026-12-01T12:00' };
    expect(iso(nextOpening([once], at('2026-11-27T00:00Z')))).toBe('2026-12-01T10:00');
    expect(nextOpening([once], at('2026-12-01T12:00Z'))).toBeUndefined();
  });

  test('are closed in doubt: an hour that is there twice opens at its second and closes at its first', () => {
    // Put back on 25 October 2026: 02:30 is there at 00:30Z and at 01:30Z.
    const weekly = (from: string, until: string): DeployWindow => ({
      timeZone: 'Europe/Berlin',
      weekly: { days: ['sun'], from, until },
    });
    expect(isOpen([weekly('02:30', '05:00')], at('2026-10-25T01:29Z'))).toBe(false);
    expect(isOpen([weekly('02:30', '05:00')], at('2026-10-25T01:30Z'))).toBe(true);
    expect(isOpen([weekly('01:00', '02:30')], at('2026-10-25T00:29Z'))).toBe(true);
    expect(isOpen([weekly('01:00', '02:30')], at('2026-10-25T00:30Z'))).toBe(false);
    // Put forward on 29 March 2026: there is no 02:00 to 03:00, so it opens in the next week.
    expect(iso(nextOpening([weekly('02:10', '02:50')], at('2026-03-28T12:00Z')))).toBe('2026-04-05T00:10');
  });

  test('are open just while local clocks show their hours, and open next where a search finds it, in every zone', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ZONES),
        fc.subarray(NAMES, { minLength: 1 }),
        fc.integer({ min: 0, max: 47 }),
        fc.integer({ min: 0, max: 47 }),
        fc.integer({ min: 0, max: 800 * 48 }),
        (timeZone, days, fromHalf, untilHalf, halfHours) => {
          const [from, until] = [clock(fromHalf), clock(untilHalf)];
          const window: DeployWindow = { timeZone, weekly: { days, from, until } };
          const start = at('2026-01-01') + halfHours * HALF;
          if (changesNear(start, timeZone)) return;
          expect(isOpen([window], start)).toBe(shows(window, start));
          let found = start;
          while (!shows(window, found) && found < start + 9 * DAY) found += HALF;
          // Where clocks change on the way it may be an opening later, never one that clocks do not show.
          const opens = nextOpening([window], start);
          if (opens === undefined) throw new Error('a window of every week opens again');
          expect(isOpen([window], opens)).toBe(true);
          if (opens > start) expect(isOpen([window], opens - 1)).toBe(false);
          if (!changesBetween(start, found, timeZone)) expect(iso(opens)).toBe(iso(found));
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('what holds a change', () => {
  const christmas: FreezeWindow = {
    name: 'Christmas',
    timeZone: 'Europe/Berlin',
    from: '2026-12-20T18:00',
    until: '2027-01-02T08:00',
  };
  const calendar: DeployCalendar = { freezes: [christmas], windows: [office] };

  test('is the freeze, the time that was asked for, or that no window is open; then it goes when nothing does', () => {
    const asked = { ...calendar, notBefore: at('2026-12-20T20:00Z') };
    expect(findHold(asked, at('2026-12-24T12:00Z'))).toMatchObject({ kind: 'freeze', name: 'Christmas' });
    expect(findHold(asked, at('2026-12-17T10:00Z'))).toMatchObject({ kind: 'deploy_at' });
    expect(findHold(calendar, at('2026-12-18T10:00Z'))).toMatchObject({ kind: 'windows' });
    expect(findHold(calendar, at('2026-12-17T10:00Z'))).toBeUndefined();
    // Sunday evening in the freeze; it ends on a Saturday, and Monday is the first day of the windows.
    expect(iso(holdsEnd(asked, at('2026-12-17T10:00Z')))).toBe('2027-01-04T08:00');
    expect(iso(holdsEnd(calendar, at('2026-12-17T10:00Z')))).toBe('2026-12-17T10:00');
  });

  test('is said to have no end where windows and freezes never leave a gap', () => {
    const weekly = { days: NAMES, from: '00:00', until: '23:59' };
    const always: FreezeWindow = { name: 'always', timeZone: 'Europe/Berlin', weekly };
    const never = {
      freezes: [{ ...always, weekly: { ...weekly, days: ['mon', 'tue', 'wed', 'thu'] } }],
      windows: [office],
    };
    expect(holdsEnd({ freezes: [always] }, at('2026-12-17T10:00Z'))).toBeUndefined();
    expect(holdsEnd(never, at('2026-12-17T10:00Z'))).toBeUndefined();
    const hold = { kind: 'windows', name: '', timeZone: 'Europe/Berlin' } as const;
    expect(describeHold(hold, 'production', undefined)).toBe(
      'no deploy window of production is open: it waits without an end',
    );
    expect(describeHold(hold, 'production', at('2026-11-30T08:00Z'))).toBe(
      'no deploy window of production is open: it waits until Mon 2026-11-30 09:00 (Europe/Berlin)',
    );
  });

  test('ends at the first instant at which nothing holds, whatever comes together', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ZONES),
        fc.subarray(NAMES, { minLength: 1 }),
        fc.subarray(NAMES),
        fc.integer({ min: 0, max: 47 }),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 0, max: 400 * 48 }),
        fc.option(fc.integer({ min: -100, max: 600 }), { nil: undefined }),
        (timeZone, open, frozen, fromHalf, length, halfHours, wait) => {
          const start = at('2026-01-01') + halfHours * HALF;
          const calendar: DeployCalendar = {
            freezes: [{ name: 'x', timeZone, weekly: { days: frozen, from: '08:00', until: '20:00' } }],
            windows: [
              {
                timeZone,
                weekly: { days: open, from: clock(fromHalf), until: clock((fromHalf + length) % 48) },
              },
            ],
            notBefore: wait === undefined ? undefined : start + wait * HALF,
          };
          const ends = holdsEnd(calendar, start);
          if (ends === undefined) return;
          expect(findHold(calendar, ends)).toBeUndefined();
          expect(ends === start).toBe(findHold(calendar, start) === undefined);
          for (let instant = start; instant < ends; instant += HOUR) {
            expect(findHold(calendar, instant)).toBeDefined();
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

function clock(half: number): string {
  return `${String(Math.floor(half / 2)).padStart(2, '0')}:${half % 2 ? '30' : '00'}`;
}

/** Whether local clocks show a time of the window, by another way than the program's. */
function shows({ timeZone, weekly }: DeployWindow, instant: number): boolean {
  if (!weekly) throw new Error('a window of every week');
  const [date = '', time = ''] = showLocal(instant, timeZone).split(' ');
  const day = (offset: number) => NAMES[(new Date(at(date) + offset * DAY).getUTCDay() + 6) % 7] ?? '';
  const { days, from, until } = weekly;
  if (from < until) return days.includes(day(0)) && from <= time && time < until;
  return (days.includes(day(0)) && from <= time) || (days.includes(day(-1)) && time < until);
}

const formats = new Map<string, Intl.DateTimeFormat>();

function showLocal(instant: number, timeZone: string): string {
  const shown = { dateStyle: 'short', timeStyle: 'short', timeZone } as const;
  const format = formats.get(timeZone) ?? new Intl.DateTimeFormat('sv-SE', shown);
  formats.set(timeZone, format);
  return format.format(instant);
}

function offset(instant: number, timeZone: string): number {
  return at(`${showLocal(instant, timeZone).replace(' ', 'T')}Z`) - instant;
}

/** Whether clocks change within the length that a window over midnight can have. */
function changesNear(instant: number, timeZone: string): boolean {
  return changesBetween(instant - 2 * DAY, instant + 2 * HOUR, timeZone);
}

function changesBetween(from: number, until: number, timeZone: string): boolean {
  for (let instant = from; instant <= until + 2 * HOUR; instant += HALF) {
    if (offset(instant, timeZone) !== offset(from, timeZone)) return true;
  }
  return false;
}
