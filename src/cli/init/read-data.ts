/** Reads JSON and YAML of others: as data or a sentence, and never with what stands in it. */
import { parseDocument } from 'yaml';

export type Data = Readonly<Record<string, unknown>>;

/** A file of a peer that is broken. Its message is a sentence that quotes nothing of the file. */
export class BrokenFile extends Error {
  override name = 'BrokenFile';
}

/**
 * The object that a JSON or YAML text holds.
 * @throws BrokenFile with file and line; parsers' own messages quote the text, which may hold a secret
 */
export function readData(file: string, text: string): Data {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    const document = parseDocument(text);
    const line = document.errors[0]?.linePos?.[0].line;
    if (document.errors.length > 0) {
      throw new BrokenFile(
        `${file} is neither JSON nor YAML${line === undefined ? '' : ` (line ${line})`}; it was left aside`,
      );
    }
    data = document.toJS({ maxAliasCount: 20 });
  }
  if (isData(data)) return data;
  throw new BrokenFile(`${file} holds no object; it was left aside`);
}

/** Whether something is an object with keys, as JSON and YAML have them: no list, no null. */
export function isData(value: unknown): value is Data {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object at a key, or an empty one: whatever else stands there, or holds no keys at all, says nothing. */
export function partOf(data: unknown, key: string): Data {
  const part = isData(data) ? data[key] : undefined;
  return isData(part) ? part : {};
}

/** A text that is not empty, or undefined: whatever else a peer's file holds there says nothing. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A list, or an empty one: what is no list says nothing. */
export function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
