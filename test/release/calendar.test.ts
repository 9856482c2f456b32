import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  activeFreeze,
  describeLocal,
  freezeEnds,
  freezesEnd,
  isFiredByHand,
  isSprintEnd,
  nextOccurrences,
} from '../../src/release/calendar/calendar.ts';
import type { FreezeWindow, ScheduleSettings } from '../../src/release/settings.ts';

describe('a firing of a schedule', () => {
  const berlin = { fires: { day: 'fri', time: '16:00' }, timeZone: 'Europe/Berlin' } as const;

  test.each([
    ['2026-11-20T15:00:00Z', '2026-11-20T15:00:01Z', false],
    // Summer time; and a server that was away for half an hour.
    ['2026-07-03T14:00:00Z', '2026-07-03T14:30:00Z', false],
    ['2026-11-20T15:01:00Z', '2026-11-20T15:01:00Z', true],
    ['2026-11-19T15:00:00Z', '2026-11-19T15:00:00Z', true],
    // Filled in afterwards.
    ['2026-11-20T15:00:00Z', '2026-11-21T09:00:00Z', true],
  ])('for %s, at %s: by hand %s', (nominal, now, byHand) => {
    expect(isFiredByHand(berlin, at(nominal), at(now))).toBe(byHand);
  });

  test('of a schedule from before it said when it fires tells nothing', () => {
    expect(isFiredByHand({ timeZone: 'UTC' }, at('2026-11-20T15:01:00Z'), at('2026-11-20T15:01:00Z'))).toBe(
      false,
    );
  });
});

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const at = (iso: string) => Date.parse(iso);
const iso = (instants: number[]) => instants.map((instant) => new Date(instant).toISOString().slice(0, 16));

/** Zones with all that is awkward: both hemispheres, half hours, midnight changes, none, a day that was left out. */
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
const zone = fc.constantFrom(...ZONES);

/** The local date and time as another locale of the platform writes them: `2026-11-20 16:00`. */
function showLocal(instant: number, timeZone: string): string {
  const format = formats.get(timeZone) ?? new Intl.DateTimeFormat('sv-SE', { ...SHOWN, timeZone });
  formats.set(timeZone, format);
  return format.format(instant);
}

const SHOWN = { dateStyle: 'short', timeStyle: 'short' } as const;
const formats = new Map<string, Intl.DateTimeFormat>();

function sprint(more: Partial<ScheduleSettings> = {}): ScheduleSettings {
  return {
    day: 'fri',
    time: '16:00',
    timeZone: 'Europe/Berlin',
    everyWeeks: 2,
    anchor: '2026-11-20',
    ...more,
  };
}

describe('the end of a sprint', () => {
  test('is every other week from the anchor, also before it and over New Year', () => {
    for (const [day, ends] of [
      ['2026-11-06T12:00Z', true],
      ['2026-11-13T12:00Z', false],
      ['2026-11-20T12:00Z', true],
      ['2026-12-31T12:00Z', true],
      // 2026 has 53 ISO weeks: a rule by the week's number would release two weeks in a row here.
      ['2027-01-08T12:00Z', false],
      ['2027-01-15T12:00Z', true],
    ] as const) {
      expect([day, isSprintEnd(sprint(), at(day))]).toEqual([day, ends]);
    }
  });

  test('counts weeks by the local calendar: Sunday night in Berlin is still Sunday’s week', () => {
    expect(isSprintEnd(sprint(), at('2026-11-22T22:59Z'))).toBe(true);
    expect(isSprintEnd(sprint(), at('2026-11-22T23:00Z'))).toBe(false);
  });

  test('depends on the local week alone, in every zone and over every change of the clocks', () => {
    fc.assert(
      fc.property(
        zone,
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: -150, max: 150 }),
        fc.integer({ min: 0, max: 7 * 24 - 1 }),
        (timeZone, everyWeeks, weeks, hours) => {
          // A Monday; hours are counted from the first instant that local clocks show that Monday.
          const date = new Date(at('2026-11-16') + weeks * 7 * DAY).toISOString().slice(0, 10);
          let start = at(date) - 15 * HOUR;
          while (showLocal(start, timeZone).slice(0, 10) < date) start += HOUR / 2;
          // A week in which clocks go forward is an hour short: its last hour would be the next Monday.
          const instant = start + Math.min(hours, 7 * 24 - 2) * HOUR;
          const settings = sprint({ timeZone, everyWeeks, anchor: '2026-11-20' });
          expect(isSprintEnd(settings, instant)).toBe(weeks % everyWeeks === 0);
        },
      ),
    );
  });
});

describe('the next occurrences of a schedule', () => {
  test('keep their local time over a change of the clocks', () => {
    const found = nextOccurrences(sprint({ anchor: '2027-03-19' }), at('2027-03-10T00:00Z'), 3);
    expect(iso(found)).toEqual(['2027-03-19T15:00', '2027-04-02T14:00', '2027-04-16T14:00']);
    expect(describeLocal(found[1] ?? 0, 'Europe/Berlin')).toBe('Fri 2027-04-02 16:00');
  });

  test('leave out a time that does not exist, and count one that is there twice at both', () => {
    const night = sprint({ day: 'sun', time: '02:30', everyWeeks: 1, anchor: '2027-03-21' });
    expect(iso(nextOccurrences(night, at('2027-03-20T00:00Z'), 2))).toEqual([
      '2027-03-21T01:30',
      '2027-04-04T00:30',
    ]);
    expect(iso(nextOccurrences(night, at('2027-10-30T00:00Z'), 3))).toEqual([
      '2027-10-31T00:30',
      '2027-10-31T01:30',
      '2027-11-07T01:30',
    ]);
  });

  test('begin after `from`, which is no occurrence itself', () => {
    const [first] = nextOccurrences(sprint(), at('2026-11-20T15:00Z'), 1);
    expect(iso([first ?? 0])).toEqual(['2026-12-04T15:00']);
  });

  test('are just the half hours that a search through the whole time finds', () => {
    const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
    fc.assert(
      fc.property(
        zone,
        fc.integer({ min: 0, max: 6 }),
        fc.integer({ min: 0, max: 47 }),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 0, max: 600 }),
        (timeZone, weekday, halfHour, everyWeeks, startDay) => {
          const time = `${String(Math.floor(halfHour / 2)).padStart(2, '0')}:${halfHour % 2 ? '30' : '00'}`;
          // 2026-11-16 is a Monday.
          const anchor = new Date(at('2026-11-16') + weekday * DAY).toISOString().slice(0, 10);
          const from = at('2026-06-01') + startDay * DAY;
          const until = from + 45 * DAY;
          const expected: number[] = [];
          for (let instant = from + HOUR / 2; instant <= until; instant += HOUR / 2) {
            const [date = '', clock] = showLocal(instant, timeZone).split(' ');
            const weeks = (at(date) - at(anchor)) / (7 * DAY);
            if (clock === time && Number.isInteger(weeks) && weeks % everyWeeks === 0) expected.push(instant);
          }
          const settings = { day: days[weekday] ?? '', time, timeZone, everyWeeks, anchor };
          const found = nextOccurrences(settings, from, 20).filter((instant) => instant <= until);
          expect(iso(found)).toEqual(iso(expected));
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('a freeze', () => {
  const christmas: FreezeWindow = {
    name: 'Christmas',
    timeZone: 'Europe/Berlin',
    from: '2026-12-20T18:00',
    until: '2027-01-02T08:00',
  };
  const weekend: FreezeWindow = {
    name: 'weekend',
    timeZone: 'America/New_York',
    weekly: { days: ['fri'], from: '16:00', until: '23:59' },
  };

  test('holds from its first local minute to just before its last, and says when it lets go', () => {
    const windows = [weekend, christmas];
    expect(activeFreeze(windows, at('2026-12-20T16:59:59Z'))).toBeUndefined();
    expect(activeFreeze(windows, at('2026-12-20T17:00Z'))).toBe(christmas);
    expect(activeFreeze(windows, at('2027-01-02T06:59:59Z'))).toBe(christmas);
    expect(activeFreeze(windows, at('2027-01-02T07:00Z'))).toBeUndefined();
    expect(freezeEnds(christmas, at('2026-12-24T12:00Z'))).toBe(at('2027-01-02T07:00Z'));
    expect(freezeEnds(christmas, at('2027-03-01T12:00Z'))).toBeUndefined();
  });

  test('of every week goes to midnight where it ends at 23:59, so that the next day may follow without a gap', () => {
    expect(freezeEnds(weekend, at('2026-11-20T22:00Z'))).toBe(at('2026-11-21T05:00Z'));
    const saturday: FreezeWindow = { ...weekend, weekly: { days: ['sat'], from: '00:00', until: '12:00' } };
    expect(freezesEnd([weekend, saturday], at('2026-11-20T22:00Z'))).toBe(at('2026-11-21T17:00Z'));
    expect(freezesEnd([weekend, saturday], at('2026-11-19T22:00Z'))).toBe(at('2026-11-19T22:00Z'));
  });

  test('of all days never ends, and says so instead of searching for ever', () => {
    const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
    const always: FreezeWindow = { ...weekend, weekly: { days, from: '00:00', until: '23:59' } };
    expect(freezesEnd([always], at('2026-11-20T22:00Z'))).toBeUndefined();
  });

  test('holds in doubt: its bounds take in an hour that is there twice, and one that is not there at all', () => {
    const span = (from: string, until: string): FreezeWindow => ({
      name: 'night',
      timeZone: 'Europe/Berlin',
      from,
      until,
    });
    // Put back on 31 October 2027: 02:30 is there at 00:30Z and at 01:30Z.
    const over = span('2027-10-31T02:30', '2027-10-31T02:30');
    expect(freezeEnds(over, at('2027-10-31T00:30Z'))).toBe(at('2027-10-31T01:30Z'));
    expect(freezeEnds(over, at('2027-10-31T00:29Z'))).toBeUndefined();
    // Put forward on 28 March 2027: 02:30 never comes, and 03:00 comes at 01:00Z.
    expect(freezeEnds(span('2027-03-28T02:30', '2027-03-28T12:00'), at('2027-03-28T01:00Z'))).toBe(
      at('2027-03-28T10:00Z'),
    );
    expect(freezeEnds(span('2027-03-27T12:00', '2027-03-28T02:30'), at('2027-03-28T00:59:59Z'))).toBe(
      at('2027-03-28T01:00Z'),
    );
  });

  test('holds just while local clocks show its hours, whatever the zone', () => {
    const names = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
    fc.assert(
      fc.property(
        zone,
        fc.subarray(names, { minLength: 1 }),
        fc.integer({ min: 0, max: 46 }),
        fc.integer({ min: 1, max: 47 }),
        fc.integer({ min: 0, max: 800 * 48 }),
        (timeZone, days, fromHalf, length, halfHours) => {
          const clock = (half: number) =>
            `${String(Math.floor(half / 2)).padStart(2, '0')}:${half % 2 ? '30' : '00'}`;
          const [from, until] = [clock(fromHalf), clock(Math.min(47, fromHalf + length))];
          const window: FreezeWindow = { name: 'x', timeZone, weekly: { days, from, until } };
          const instant = at('2026-01-01') + halfHours * (HOUR / 2);
          const [date = '', time = ''] = showLocal(instant, timeZone).split(' ');
          const weekday = names[(new Date(at(date)).getUTCDay() + 6) % 7] ?? '';
          const shown = days.includes(weekday) && from <= time && time < until;
          const ends = freezeEnds(window, instant);
          if (shown) expect(ends).toBeDefined();
          // It may hold longer than clocks show only where they are put back, which is over within two hours.
          if (ends !== undefined && !shown) expect(hasChange(instant, timeZone)).toBe(true);
          if (ends === undefined) return;
          expect(ends).toBeGreaterThan(instant);
          expect(activeFreeze([window], ends - 1)).toBe(window);
          expect(showLocal(ends, timeZone).slice(11)).toMatch(hasChange(ends, timeZone) ? /./ : until);
        },
      ),
      { numRuns: 500 },
    );
  });
});

/** Whether clocks change within two hours of an instant. */
function hasChange(instant: number, timeZone: string): boolean {
  const offset = (when: number) => at(`${showLocal(when, timeZone).replace(' ', 'T')}Z`) - when;
  return offset(instant - 2 * HOUR) !== offset(instant + 2 * HOUR);
}
