/**
 * The files that state a product's version: text to text. Only the version changes; indentation, comments, line
 * ends and order stay. A file without a version to change is an error, since a silent miss would publish the old one.
 */
import { isVersion } from './version.ts';

/** Tells which file could not be changed and what it lacks. */
export class VersionFileError extends Error {
  override name = 'PlanError';
}

/** How a file states its version; `pattern` is for any other file. */
export type VersionFileKind =
  | 'package.json'
  | 'package-lock.json'
  | 'pyproject.toml'
  | 'Cargo.toml'
  | 'Cargo.lock'
  | 'pom.xml'
  | 'VERSION'
  | 'pattern';

export interface VersionFileEdit {
  /** Path as people know it, for messages. */
  path: string;
  text: string;
  version: string;
  /** Text around a `{version}` mark, such as `__version__ = "{version}"`; then the file's name does not matter. */
  pattern?: string;
  /** Name of the package, which `Cargo.lock` needs to find its entry. */
  packageName?: string;
}

/** What kind of version file a path is, or null when only a pattern could tell. */
export function versionFileKind(path: string): VersionFileKind | null {
  const name = path.split('/').at(-1) ?? '';
  if (name === 'npm-shrinkwrap.json') return 'package-lock.json';
  if (name === 'version.txt' || name === 'VERSION.txt') return 'VERSION';
  const kinds: VersionFileKind[] = [
    'package.json',
    'package-lock.json',
    'pyproject.toml',
    'Cargo.toml',
    'Cargo.lock',
    'pom.xml',
    'VERSION',
  ];
  return kinds.find((kind) => kind === name) ?? null;
}

/**
 * The file's text with the new version in it.
 *
 * @throws VersionFileError when the file has no version to change, or is not what its name says
 */
export function setVersion(edit: VersionFileEdit): string {
  if (!isVersion(edit.version))
    throw new VersionFileError(`${edit.path}: "${edit.version}" is not a semantic version.`);
  const spans = findVersionSpans(edit);
  if (spans.length === 0) {
    throw new VersionFileError(
      `${edit.path}: found no version to change${lacking(edit)}. The file was not changed.`,
    );
  }
  let text = edit.text;
  for (const [from, to] of [...spans].sort((a, b) => b[0] - a[0])) {
    text = text.slice(0, from) + edit.version + text.slice(to);
  }
  return text;
}

/** The version that a file states, or null. */
export function readVersion(edit: Omit<VersionFileEdit, 'version'>): string | null {
  const [span] = findVersionSpans({ ...edit, version: '0.0.0' });
  return span === undefined ? null : edit.text.slice(span[0], span[1]);
}

type Span = [from: number, to: number];

function findVersionSpans(edit: VersionFileEdit): Span[] {
  if (edit.pattern !== undefined) return patternSpans(edit.text, edit.pattern, edit.path);
  switch (versionFileKind(edit.path)) {
    case 'package.json':
      return jsonSpans(edit, [['version']]);
    case 'package-lock.json':
      return jsonSpans(edit, [['version'], ['packages', '', 'version']]);
    case 'pyproject.toml':
      return tomlSpans(edit.text, ['project', 'tool.poetry']);
    case 'Cargo.toml':
      return tomlSpans(edit.text, ['package', 'workspace.package']);
    case 'Cargo.lock':
      return cargoLockSpans(edit.text, edit.packageName ?? '');
    case 'pom.xml':
      return pomSpans(edit.text);
    case 'VERSION':
      return plainSpans(edit.text);
    default:
      throw new VersionFileError(
        `${edit.path}: no rule says where this file states its version. Give it a pattern with a {version} mark.`,
      );
  }
}

function lacking(edit: VersionFileEdit): string {
  if (edit.pattern !== undefined) return ` by the pattern ${JSON.stringify(edit.pattern)}`;
  switch (versionFileKind(edit.path)) {
    case 'pyproject.toml':
      return ' under [project] or [tool.poetry] (a dynamic version is set elsewhere)';
    case 'Cargo.toml':
      return ' under [package] or [workspace.package]';
    case 'pom.xml':
      return " in the project's own <version>";
    case 'package.json':
    case 'package-lock.json':
      return ' under "version" at the top';
    default:
      return '';
  }
}

/** Where string values stand in a JSON text, found by walking it once; a text that is no JSON is refused first. */
function jsonSpans(edit: VersionFileEdit, paths: readonly (readonly string[])[]): Span[] {
  const text = edit.text.replace(/^\ufeff/, ' ');
  try {
    JSON.parse(text);
  } catch (error) {
    throw new VersionFileError(
      `${edit.path} is not valid JSON: ${(error as Error).message}. The file was not changed.`,
    );
  }
  const wanted = new Set(paths.map((path) => JSON.stringify(path)));
  const spans: Span[] = [];
  // Per open object or array: the key that is being read. `key` is null inside arrays.
  const stack: { array: boolean; key: string | null; expectKey: boolean }[] = [];
  const token = /"(?:[^"\\]|\\.)*"|[{}[\],:]/g;
  for (const match of text.matchAll(token)) {
    const top = stack.at(-1);
    const char = match[0];
    if (char === '{' || char === '[') stack.push({ array: char === '[', key: null, expectKey: char === '{' });
    else if (char === '}' || char === ']') stack.pop();
    else if (char === ',') {
      if (top !== undefined && !top.array) top.expectKey = true;
    } else if (char === ':') {
      if (top !== undefined) top.expectKey = false;
    } else if (top?.expectKey === true) top.key = JSON.parse(char) as string;
    else if (
      stack.every((level) => !level.array) &&
      wanted.has(JSON.stringify(stack.map((level) => level.key)))
    ) {
      spans.push([match.index + 1, match.index + char.length - 1]);
    }
  }
  return spans;
}

/** `version = "…"` in the first of the tables that has one, outside comments and multi-line strings. */
function tomlSpans(text: string, tables: readonly string[]): Span[] {
  let table = '';
  let offset = 0;
  let multiline: string | null = null;
  const found = new Map<string, Span>();
  for (const line of text.match(/[^\n]*\n|[^\n]+$/g) ?? []) {
    const start = offset;
    offset += line.length;
    if (multiline !== null) {
      if (line.includes(multiline)) multiline = null;
      continue;
    }
    const header = /^[ \t]*\[([^[\]]+)\][ \t]*(?:#.*)?\r?\n?$/.exec(line);
    if (header !== null) table = (header[1] ?? '').replace(/[ \t"']/g, '');
    else if (/^[ \t]*\[\[/.test(line)) table = '[[';
    const version = /^[ \t]*(?:"version"|'version'|version)[ \t]*=[ \t]*(["'])([^"'\n]*)\1/.exec(line);
    if (version !== null && !found.has(table)) {
      const end = start + version[0].length - 1;
      found.set(table, [end - (version[2] ?? '').length, end]);
    }
    const open = /("""|''')/.exec(line.replace(/^[ \t]*#.*/, ''));
    if (open !== null && line.indexOf(open[0], open.index + 3) < 0) multiline = open[0];
  }
  const span = tables.map((name) => found.get(name)).find((one) => one !== undefined);
  return span === undefined ? [] : [span];
}

/** The entry of one package; registry packages of the same name have a `source` and are not meant. */
function cargoLockSpans(text: string, packageName: string): Span[] {
  for (const block of text.matchAll(/^\[\[package\]\]\r?\n(?:(?!\[)[^\n]*\n?)*/gm)) {
    const named = /^name = "([^"\n]*)"/m.exec(block[0])?.[1];
    const version = /^version = "([^"\n]*)"/m.exec(block[0]);
    if (named !== packageName || version === null || /^source = /m.test(block[0])) continue;
    const from = block.index + version.index + 'version = "'.length;
    return [[from, from + (version[1] ?? '').length]];
  }
  return [];
}

/** The project's own `<version>`, not its parent's or a dependency's; a `${property}` is followed once. */
function pomSpans(text: string): Span[] {
  const elements = readXmlText(text);
  const own = elements.find((element) => element.path === 'project/version');
  if (own === undefined) return [];
  const property = /^\$\{([\w.-]+)\}$/.exec(text.slice(own.from, own.to).trim())?.[1];
  const target =
    property === undefined
      ? own
      : elements.find((element) => element.path === `project/properties/${property}`);
  if (target === undefined) return [];
  const value = text.slice(target.from, target.to);
  const lead = value.length - value.trimStart().length;
  return value.trim() === '' ? [] : [[target.from + lead, target.from + lead + value.trim().length]];
}

/** Text positions of elements, by their path of names; comments and CDATA are stepped over. */
function readXmlText(text: string): { path: string; from: number; to: number }[] {
  const open: { name: string; from: number }[] = [];
  const elements: { path: string; from: number; to: number }[] = [];
  for (const tag of text.matchAll(
    /<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>|<\?[\s\S]*?\?>|<(\/?)([\w:.-]+)[^>]*?(\/?)>/g,
  )) {
    const [whole, closing, name, selfClosing] = tag;
    if (name === undefined || selfClosing === '/') continue;
    if (closing === '/') {
      const path = open.map((element) => element.name).join('/');
      const element = open.pop();
      if (element !== undefined) elements.push({ path, from: element.from, to: tag.index });
    } else {
      open.push({ name, from: tag.index + whole.length });
    }
  }
  return elements;
}

/** A file that holds a version and nothing else but space around it. */
function plainSpans(text: string): Span[] {
  const match = /^\ufeff?\s*v?(\d+\.\d+\.\d+\S*)\s*$/.exec(text);
  if (match?.[1] === undefined) return [];
  const from = text.lastIndexOf(match[1]);
  return [[from, from + match[1].length]];
}

/** Every place where the text around the mark occurs with a version in between. */
function patternSpans(text: string, pattern: string, path: string): Span[] {
  const [before, after, ...more] = pattern.split('{version}');
  if (before === undefined || after === undefined || more.length > 0 || before + after === '') {
    throw new VersionFileError(
      `${path}: the pattern ${JSON.stringify(pattern)} needs exactly one {version} mark and some text around it.`,
    );
  }
  const spans: Span[] = [];
  const version = /\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]*[0-9A-Za-z])?(?:\+[0-9A-Za-z.-]*[0-9A-Za-z])?/y;
  for (let at = text.indexOf(before); at >= 0; at = text.indexOf(before, at + 1)) {
    version.lastIndex = at + before.length;
    const match = version.exec(text);
    if (match !== null && text.startsWith(after, match.index + match[0].length)) {
      spans.push([match.index, match.index + match[0].length]);
    }
    if (before === '' && at >= text.length) break;
  }
  return spans;
}
