import type { Span } from './json.ts';

/** A key of a TOML text whose value is a plain string, with the place of the text between its quotes. */
export interface TomlString {
  /** Name of the table (`tool.poetry`), or of an array's (`[[package]]` is `package`); `''` at the top. */
  table: string;
  /** Which one of an array of tables, from 0; -1 for an ordinary table. */
  entry: number;
  key: string;
  value: string;
  span: Span;
}

/** Every `key = "value"` of a text, outside of comments and of strings over several lines. */
export function readTomlStrings(text: string): TomlString[] {
  let table = '';
  let entry = -1;
  let offset = 0;
  let multiline: string | null = null;
  const entries = new Map<string, number>();
  const found: TomlString[] = [];
  for (const line of text.match(/[^\n]*\n|[^\n]+$/g) ?? []) {
    const start = offset;
    offset += line.length;
    if (multiline !== null) {
      if (line.includes(multiline)) multiline = null;
      continue;
    }
    const header = /^[ \t]*(\[\[?)([^[\]]+)\]\]?[ \t]*(?:#.*)?\r?\n?$/.exec(line);
    if (header !== null) {
      table = (header[2] ?? '').replace(/[ \t"']/g, '');
      entry = header[1] === '[[' ? (entries.get(table) ?? -1) + 1 : -1;
      if (entry >= 0) entries.set(table, entry);
      continue;
    }
    const pair = /^[ \t]*(?:"([\w.-]+)"|'([\w.-]+)'|([\w.-]+))[ \t]*=[ \t]*(["'])([^"'\n]*)\4/.exec(line);
    if (pair !== null) {
      const end = start + pair[0].length - 1;
      const value = pair[5] ?? '';
      const key = (pair[1] ?? pair[2] ?? pair[3] ?? '').replace(/[ \t]/g, '');
      found.push({ table, entry, key, value, span: [end - value.length, end] });
    }
    const open = /("""|''')/.exec(line.replace(/^[ \t]*#.*/, ''));
    if (open !== null && line.indexOf(open[0], open.index + 3) < 0) multiline = open[0];
  }
  return found;
}
