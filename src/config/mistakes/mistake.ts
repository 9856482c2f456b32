/** One thing wrong with a configuration, for people and for `--json`. */

/** A path inside the file: keys and list positions. */
export type ConfigPath = (string | number)[];

export interface ConfigMistake {
  /** As written in the file, joined by dots: `products.shop.enviroments`. Empty for the file itself. */
  path: string;
  /** 1-based position; absent where the file could not be read at all. */
  line?: number;
  column?: number;
  /** What would have been right, as a phrase. */
  expected: string;
  /** What stands there, shortened; never a value that may be a secret. */
  found: string;
  /** The valid name that comes closest to what was written. */
  nearest?: string;
  /** Why, and what to do now, where `expected` does not say it all. */
  hint?: string;
}

/** A mistake before it is placed in the file. */
export interface UnplacedMistake {
  path: ConfigPath;
  /** Whether it is the key that is wrong, or what stands behind it. */
  at: 'key' | 'value';
  expected: string;
  found: string;
  nearest?: string;
  hint?: string;
}

/** Joins a path for people: `products.shop.version_files[1].path`. */
export function joinPath(path: ConfigPath): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    const shown = /^[\w-]{1,80}$/.test(part) ? part : JSON.stringify(part.slice(0, 80));
    return text === '' ? shown : `${text}.${shown}`;
  }, '');
}

/** One mistake as lines of plain text: where, what was expected and found, what to do. */
export function describeMistake(file: string, mistake: ConfigMistake): string {
  const position = mistake.line === undefined ? '' : `:${mistake.line}:${mistake.column ?? 1}`;
  const where = mistake.path === '' ? '' : `  ${mistake.path}`;
  const lines = [
    `${file}${position}${where}`,
    `    expected ${mistake.expected}`,
    `    found    ${mistake.found}`,
  ];
  if (mistake.nearest !== undefined) lines.push(`    did you mean "${mistake.nearest}"?`);
  if (mistake.hint !== undefined) lines.push(`    ${mistake.hint}`);
  return lines.join('\n');
}

/** All mistakes as plain text, for a terminal or a log. Contains no value that may be a secret. */
export function describeMistakes(found: { file: string; mistakes: ConfigMistake[] }): string {
  const count = found.mistakes.length;
  const heading = `${count} ${count === 1 ? 'mistake' : 'mistakes'} in ${found.file}:`;
  return [heading, ...found.mistakes.map((mistake) => describeMistake(found.file, mistake))].join('\n\n');
}

/** Why a product is stopped, in one sentence: its first mistake, with its place, and how many there are. */
export function describeStop(file: string, product: string, mistakes: readonly ConfigMistake[]): string {
  const [first] = mistakes;
  const count = `${mistakes.length} ${mistakes.length === 1 ? 'mistake' : 'mistakes'}`;
  const head = `${product} is stopped: ${file} has ${count} in what it says of it`;
  if (first === undefined) return head;
  const place = first.line === undefined ? '' : ` (line ${first.line})`;
  return `${head}, ${mistakes.length === 1 ? '' : 'the first '}at ${first.path}${place}: expected ${first.expected}, found ${first.found}`;
}
