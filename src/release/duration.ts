/** Lengths of time: the units, how `windlass.yaml` and the command line write them, and how people are told. */

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

const UNITS = { d: DAY_MS, h: HOUR_MS, m: MINUTE_MS, s: SECOND_MS, ms: 1 } as const;

/** What a length of time looks like where it is written: `45s`, `1h30m`, `2d`. A number without a unit is none. */
export const DURATION_FORM = /^(?:\d{1,6}(?:\.\d{1,3})?(?:ms|s|m|h|d))+$/;

/** Milliseconds of a text such as `1h30m`; undefined where it is no length of time ({@link DURATION_FORM}). */
export function parseDuration(text: string): number | undefined {
  if (!DURATION_FORM.test(text)) return undefined;
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)];
  return Math.round(
    parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * UNITS[unit as keyof typeof UNITS], 0),
  );
}

/** Milliseconds as `parseDuration` reads them, none lost: `90000` is `1m30s`. */
export function formatDuration(ms: number): string {
  return splitInto(ms, Object.entries(UNITS), '').join('') || '0s';
}

/** Milliseconds for people: `1 h 5 min`, `12 min`, `40 s`; what matters, and never more than two units. */
export function nameDuration(ms: number): string {
  const rounded = Math.max(0, Math.round(ms / SECOND_MS)) * SECOND_MS;
  const units: [string, number][] = [
    ['d', DAY_MS],
    ['h', HOUR_MS],
    ['min', MINUTE_MS],
    ['s', SECOND_MS],
  ];
  const first = units.findIndex(([, size]) => rounded >= size);
  return first < 0 ? '0 s' : splitInto(rounded, units.slice(first, first + 2), ' ').join(' ');
}

/** How many of each unit, of those given from the longest to the shortest; those of which there are none are left out. */
function splitInto(ms: number, units: [unit: string, size: number][], between: string): string[] {
  let rest = ms;
  return units.flatMap(([unit, size]) => {
    const amount = Math.floor(rest / size);
    rest -= amount * size;
    return amount > 0 ? [`${amount}${between}${unit}`] : [];
  });
}
