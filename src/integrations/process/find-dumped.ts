/**
 * Secrets in dumps: lines of an offset, then bytes in hexadecimal or octal, then perhaps their characters, as `xxd`,
 * `od` and `hexdump` print them. What a line says is read by every form that it can have; the lines of one dump are one
 * text.
 */

/** A place in the given bytes, the end not included. */
export interface Span {
  start: number;
  end: number;
}

/** A line of a dump that is longer is none. */
const LONGEST_LINE = 400;

/** Whether there is anything to look at, before each line is. */
const ANY = /^[ \t]*[0-9a-fA-F]{6,16}:?[ \t]/m;
/** What may still become a line of a dump. */
const BEGUN = /^[ \t]*(?:[0-9a-fA-F]{1,16}(?::?[ \t].*|:)?)?$/;
const LINE = /^[ \t]*[0-9a-fA-F]{6,16}(:?)([ \t].*?)\r?$/;

interface Line extends Span {
  /** Where the next line begins. */
  next: number;
  /** The bytes that it stands for, by the form in which they can be read. */
  readings: Map<Form, Buffer>;
}

/** Whole lines of dumps in which a byte of a secret stands, and those between. */
export function findDumped(bytes: Buffer, secrets: readonly Buffer[]): Span[] {
  const lines = readLines(bytes);
  return FORMS.flatMap((form) => listRuns(lines, form).flatMap((run) => findInRun(run, form, secrets)));
}

function findInRun(run: readonly Line[], form: Form, secrets: readonly Buffer[]): Span[] {
  const texts = run.map(({ readings }) => readings.get(form) ?? Buffer.alloc(0));
  const text = Buffer.concat(texts);
  const owners = run.flatMap((line, index) => Array.from({ length: texts[index]?.length ?? 0 }, () => line));
  const spans: Span[] = [];
  for (const secret of secrets) {
    for (let at = text.indexOf(secret); at >= 0; at = text.indexOf(secret, at + 1)) {
      const [first, last] = [owners[at], owners[at + secret.length - 1]];
      if (first && last) spans.push({ start: first.start, end: last.end });
    }
  }
  return spans;
}

/** Lines one below the other that can all be read in this form. */
function listRuns(lines: readonly Line[], form: Form): Line[][] {
  const runs: Line[][] = [];
  let before: Line | undefined;
  for (const line of lines) {
    if (!line.readings.has(form)) continue;
    if (before?.next === line.start) runs.at(-1)?.push(line);
    else runs.push([line]);
    before = line;
  }
  return runs;
}

/** The lines that can be read as lines of a dump. */
function readLines(bytes: Buffer): Line[] {
  const text = bytes.toString('latin1');
  if (!ANY.test(text)) return [];
  const lines: Line[] = [];
  for (let start = 0; start < text.length; ) {
    const feed = text.indexOf('\n', start);
    const end = feed < 0 ? text.length : feed;
    const readings = readLine(text.slice(start, end));
    if (readings.size > 0) lines.push({ start, end, next: end + 1, readings });
    start = end + 1;
  }
  return lines;
}

/**
 * Up to where bytes may be given out at most, where `until` is wanted: no line of a dump is cut, and what may be the
 * beginning of a secret (the last `longest` bytes of a dump, and a line that has no end yet) is kept back.
 */
export function keepDumpWhole(bytes: Buffer, until: number, longest: number): number {
  const last = bytes.lastIndexOf(0x0a) + 1;
  const rest = bytes.subarray(last);
  const mayGoOn = rest.length <= LONGEST_LINE && BEGUN.test(rest.toString('latin1'));
  let next = last;
  let held = 0;
  while (mayGoOn && held < longest && next > 0) {
    const start = startOfLine(bytes, next - 1);
    const readings = readLine(bytes.toString('latin1', start, next - 1));
    if (readings.size === 0) break;
    held += Math.min(...[...readings.values()].map(({ length }) => length));
    next = start;
  }
  const safe = mayGoOn ? Math.min(until, next) : until;
  if (safe <= 0) return 0;
  const start = startOfLine(bytes, safe);
  const feed = bytes.indexOf(0x0a, safe);
  const line = bytes.toString('latin1', start, feed < 0 ? bytes.length : feed);
  return start < safe && readLine(line).size > 0 ? start : safe;
}

function startOfLine(bytes: Buffer, at: number): number {
  return at === 0 ? 0 : bytes.lastIndexOf(0x0a, at - 1) + 1;
}

/** `big`, `little`: groups of bytes in hexadecimal, in either order; `words`: octal, two bytes each. */
const FORMS = ['big', 'little', 'octal', 'words', 'bits', 'characters'] as const;
type Form = (typeof FORMS)[number];

function readLine(line: string): Map<Form, Buffer> {
  const found = line.length > LONGEST_LINE ? null : LINE.exec(line);
  return found ? readBody(found[2] ?? '', found[1] === ':') : new Map();
}

function readBody(body: string, isXxd: boolean): Map<Form, Buffer> {
  // Behind two blanks, a bar or an angle bracket stands the same once more, as characters.
  const shown = isXxd ? body.trimStart().split('  ')[0] : body.split(/[ \t][|>]/)[0];
  const groups = shown?.trim().split(/[ \t]+/) ?? [];
  const all = (form: RegExp) => groups.every((group) => form.test(group));
  const readings = new Map<Form, Buffer>();
  if (all(/^(?:[0-9a-fA-F]{2}){1,16}$/)) {
    readings.set('big', Buffer.from(groups.join(''), 'hex'));
    const little = groups.map((group) => Buffer.from(group, 'hex').reverse());
    if (groups.some(({ length }) => length > 2)) readings.set('little', Buffer.concat(little));
  }
  if (all(/^[0-3][0-7]{2}$/)) readings.set('octal', Buffer.from(groups.map((group) => parseInt(group, 8))));
  if (all(/^[01][0-7]{5}$/)) {
    const words = groups.map((group) => parseInt(group, 8));
    readings.set('words', Buffer.from(words.flatMap((word) => [word & 0xff, word >> 8])));
  }
  if (all(/^[01]{8}$/)) readings.set('bits', Buffer.from(groups.map((group) => parseInt(group, 2))));
  const cells = body.length % 4 === 0 ? (body.match(/ .{3}/g) ?? []) : [];
  const characters = cells.length * 4 === body.length ? cells.map(readCell) : [];
  if (characters.length > 0 && characters.every((code) => code !== undefined)) {
    readings.set('characters', Buffer.from(characters));
  }
  return readings;
}

/** As `od -c` and `od -a` write them. */
const NAMED: Record<string, number> = {
  ...{ '': 0x20, sp: 0x20, nl: 0x0a, cr: 0x0d, ht: 0x09, nul: 0 },
  ...{ '\\n': 0x0a, '\\r': 0x0d, '\\t': 0x09, '\\0': 0, '\\a': 7, '\\b': 8, '\\f': 12, '\\v': 11 },
};

function readCell(cell: string): number | undefined {
  const text = cell.trim();
  if (text.length === 1) return text.charCodeAt(0);
  return /^[0-3][0-7]{2}$/.test(text) ? parseInt(text, 8) : NAMED[text];
}
