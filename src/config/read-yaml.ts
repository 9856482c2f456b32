/** Reads a YAML file and remembers where everything in it stands. */
import { readFileSync, statSync } from 'node:fs';
import type { Document, Node, Pair } from 'yaml';
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml';
import type { ConfigMistake, ConfigPath } from './mistakes/mistake.ts';

/** Far beyond any real configuration; keeps a wrong path (a log, a device) from filling the memory. */
const MAX_BYTES = 1024 * 1024;

export interface Position {
  line: number;
  column: number;
}

export interface YamlFile {
  /** Plain data: maps, lists, texts, numbers, switches, null. */
  data: unknown;
  /** Position of a key or a value; of the nearest enclosing one if the path leads to nothing. */
  locate(path: ConfigPath, at: 'key' | 'value'): Position;
}

/** The file's data, or every mistake that keeps it from being YAML. Never throws. */
export function readYaml(file: string): YamlFile | ConfigMistake[] {
  let text: string;
  try {
    const { size } = statSync(file);
    if (size > MAX_BYTES) return [unreadable('a file of at most 1 MiB', `${size} bytes`)];
    text = readFileSync(file, 'utf8');
  } catch (error) {
    return [unreadable('a configuration file that can be read', reasonOf(error))];
  }
  return parseYaml(text);
}

function unreadable(expected: string, found: string): ConfigMistake {
  const hint =
    '`windlass config init` writes one to start from; --config FILE or WINDLASS_CONFIG names another.';
  return { path: '', expected, found, hint };
}

function reasonOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') return 'no such file';
  if (code === 'EACCES') return 'a file that this user may not read';
  if (code === 'EISDIR') return 'a folder';
  return String(code ?? error);
}

/** Like `readYaml`, for a text that is at hand. */
export function parseYaml(text: string): YamlFile | ConfigMistake[] {
  const lines = new LineCounter();
  // YAML 1.2: `no` and `16:00` stay texts. Merge keys (`<<`) spare products repeating each other.
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    merge: true,
    logLevel: 'error',
  });
  if (document.errors.length > 0) {
    return document.errors.map((error) => {
      const { line, col } = lines.linePos(error.pos[0]);
      return { path: '', line, column: col, expected: 'valid YAML', found: firstLine(error.message) };
    });
  }
  const forbidden = findForbiddenKey(document);
  if (forbidden !== undefined) {
    const { line, col } = lines.linePos(forbidden);
    return [{ path: '', line, column: col, expected: 'another name', found: '"__proto__"' }];
  }
  let data: unknown;
  try {
    data = document.toJS({ maxAliasCount: 1000 }) ?? {};
  } catch (error) {
    return [{ path: '', expected: 'YAML whose aliases can be resolved', found: firstLine(String(error)) }];
  }
  const locate = (path: ConfigPath, at: 'key' | 'value'): Position => {
    const { line, col } = lines.linePos(findOffset(document, path, at));
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  return { data, locate };
}

/** `__proto__` means something else to JavaScript: checks would pass over it in silence. */
function findForbiddenKey(document: Document): number | undefined {
  let found: number | undefined;
  visit(document, {
    Pair: (_, { key }) => {
      if (!isScalar(key) || key.value !== '__proto__') return undefined;
      found = startOf(key) ?? 0;
      return visit.BREAK;
    },
  });
  return found;
}

/** The library's own messages quote the source from their second line on, which might show a secret. */
function firstLine(message: string): string {
  return message.split('\n')[0]!.slice(0, 200);
}

function findOffset(document: Document, path: ConfigPath, at: 'key' | 'value'): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const [index, part] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document);
    const isLast = index === path.length - 1;
    if (isMap(node)) {
      const pair: Pair | undefined = node.items.find(
        ({ key }) => isScalar(key) && String(key.value) === String(part),
      );
      if (pair === undefined) return offset;
      offset = startOf(pair.key) ?? offset;
      if (!isLast || at === 'value') offset = startOf(pair.value) ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(part)];
      if (node === undefined) return offset;
      offset = startOf(node) ?? offset;
    } else {
      return offset;
    }
  }
  return offset;
}

function startOf(node: unknown): number | undefined {
  return (node as Node | null)?.range?.[0];
}
