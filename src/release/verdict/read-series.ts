/** Reads recorded series: CSV with a header, or JSON lines. Pure; the caller reads the file. */
import type { Sample } from './check.ts';

/** A sample that does not say yet which group it belongs to: that is the file it came from. */
export type SeriesSample = Omit<Sample, 'group'>;

/** What was read, or what is wrong with it, each with its line (from 1). */
export interface ReadSeries {
  samples: SeriesSample[];
  mistakes: { line: number; message: string }[];
}

/** More mistakes than this are not listed: the file is of another kind. */
const MOST_MISTAKES = 20;
const ISO_TIME = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$/;

/**
 * Reads `time` (ISO 8601; without an offset it is UTC), `check`, `value` and `requests` (may be empty). An empty
 * value, `null` or `NaN` is kept as a sample without a value: the verdict counts it as unusable.
 */
export function readSeries(text: string): ReadSeries {
  const body = text.replace(/^\uFEFF/, '');
  const isJson = /^\s*[[{]/.test(body);
  const { rows, mistakes } = isJson ? readJsonRows(body) : readCsvRows(body);
  const samples: SeriesSample[] = [];
  for (const { line, row } of rows) {
    const sample = readRow(row);
    if (typeof sample === 'string') mistakes.push({ line, message: sample });
    else samples.push(sample);
    if (mistakes.length >= MOST_MISTAKES) break;
  }
  return { samples: mistakes.length > 0 ? [] : samples, mistakes };
}

interface Rows {
  rows: { line: number; row: Record<string, unknown> }[];
  mistakes: { line: number; message: string }[];
}

function readJsonRows(body: string): Rows {
  const result: Rows = { rows: [], mistakes: [] };
  const add = (line: number, row: unknown): void => {
    if (typeof row === 'object' && row !== null && !Array.isArray(row))
      result.rows.push({ line, row: row as Record<string, unknown> });
    else result.mistakes.push({ line, message: 'is not a JSON object' });
  };
  if (/^\s*\[/.test(body)) {
    try {
      (JSON.parse(body) as unknown[]).forEach((row) => {
        add(1, row);
      });
    } catch (error) {
      result.mistakes.push({ line: 1, message: `is not JSON: ${(error as Error).message}` });
    }
    return result;
  }
  body.split(/\r?\n/).forEach((text, i) => {
    if (text.trim() === '' || result.mistakes.length >= MOST_MISTAKES) return;
    try {
      // JSON has no NaN, yet some writers of JSON lines write it.
      add(i + 1, JSON.parse(text.replace(/:\s*(NaN|-?Infinity)\s*([,}])/g, ':null$2')));
    } catch {
      result.mistakes.push({ line: i + 1, message: 'is not a JSON object on one line' });
    }
  });
  return result;
}

function readCsvRows(body: string): Rows {
  const result: Rows = { rows: [], mistakes: [] };
  const lines = body.split(/\r?\n/);
  if (body.trim() === '') return result;
  const separator = [',', ';', '\t'].find((one) => lines[0]!.includes(one)) ?? ',';
  const header = splitCsv(lines[0]!, separator).map((name) => name.trim().toLowerCase());
  const absent = ['time', 'check', 'value'].filter((name) => !header.includes(name));
  if (absent.length > 0) {
    const message = `the header lacks ${absent.join(', ')}: it must name time, check, value and may name requests`;
    return { rows: [], mistakes: [{ line: 1, message }] };
  }
  lines.slice(1).forEach((text, i) => {
    if (text.trim() === '') return;
    const cells = splitCsv(text, separator);
    if (cells.length !== header.length)
      result.mistakes.push({
        line: i + 2,
        message: `has ${cells.length} cells, the header ${header.length}`,
      });
    else
      result.rows.push({ line: i + 2, row: Object.fromEntries(header.map((name, at) => [name, cells[at]])) });
  });
  return { rows: result.rows, mistakes: result.mistakes.slice(0, MOST_MISTAKES) };
}

/** The cells of one line; a cell in double quotes may hold the separator, and `""` for a quote. */
function splitCsv(line: string, separator: string): string[] {
  const cells: string[] = [];
  let cell = '';
  let quoted = false;
  for (let i = 0; i < line.length; i++) {
    const character = line[i]!;
    if (quoted && character === '"' && line[i + 1] === '"') {
      cell += '"';
      i++;
    } else if (character === '"') quoted = !quoted;
    else if (character === separator && !quoted) {
      cells.push(cell);
      cell = '';
    } else cell += character;
  }
  cells.push(cell);
  return cells;
}

/** The sample, or what is wrong with it. */
function readRow(row: Record<string, unknown>): SeriesSample | string {
  const { check } = row;
  const time = readTime(row['time']);
  if (time === undefined)
    return '`time` must be ISO 8601, such as 2026-03-02T10:00:00Z (not seconds since 1970)';
  if (typeof check !== 'string' || check.trim() === '') return '`check` must be the name of a check';
  const value = readNumber(row['value']);
  if (value === undefined) return '`value` must be a number, or empty where there is none';
  const requests = readNumber(row['requests']);
  if (requests === undefined) return '`requests` must be a number, or empty';
  return { time, check: check.trim(), value, ...(requests === null ? {} : { requests }) };
}

function readTime(input: unknown): string | undefined {
  if (typeof input !== 'string' || !ISO_TIME.test(input.trim())) return undefined;
  const text = input.trim().replace(' ', 'T');
  const at = Date.parse(/(Z|[+-]\d{2}:?\d{2})$/.test(text) ? text : `${text}Z`);
  return Number.isFinite(at) ? new Date(at).toISOString() : undefined;
}

/** A number; null for none at all; undefined for something else. */
function readNumber(input: unknown): number | null | undefined {
  if (input === undefined || input === null) return null;
  if (typeof input === 'number') return Number.isFinite(input) ? input : null;
  if (typeof input !== 'string') return undefined;
  const text = input.trim();
  if (text === '' || /^([+-]?(nan|inf|infinity)|null|none|n\/a)$/i.test(text)) return null;
  const number = Number(text);
  return Number.isFinite(number) ? number : undefined;
}
