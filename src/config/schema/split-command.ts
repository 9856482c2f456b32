/** A command line taken apart by itself: words and quotes as a shell reads them, and nothing else that a shell does. */

/** Characters that mean something to a shell; outside of quotes nobody would know whether they do here. */
const SHELL_ONLY = /[|&;<>()$`*?[\]{}~#!\n\r]/;

/**
 * The words of a command, or what keeps it from being one, as the end of a sentence. `'…'` is taken as it stands, `"…"`
 * and `\` as in a shell without variables.
 */
export function splitCommand(line: string): { words: [string, ...string[]] } | { problem: string } {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let at = 0; at < line.length; at++) {
    const char = line[at]!;
    if (quote !== '') {
      if (char === quote) quote = '';
      else if (quote === '"' && (char === '$' || char === '`')) return { problem: ofShell(char) };
      else if (quote === '"' && char === '\\' && /["\\]/.test(line[at + 1] ?? ''))
        word = `${word ?? ''}${line[++at]}`;
      else word = (word ?? '') + char;
    } else if (char === "'" || char === '"') {
      quote = char;
      word ??= '';
    } else if (char === ' ' || char === '\t') {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (char === '\\') {
      at += 1;
      if (line[at] === undefined) return { problem: 'a \\ at its end escapes nothing' };
      word = (word ?? '') + line[at];
    } else if (SHELL_ONLY.test(char)) return { problem: ofShell(char) };
    else word = (word ?? '') + char;
  }
  if (quote !== '') return { problem: `a ${quote} is not closed` };
  if (word !== undefined) words.push(word);
  const [first, ...rest] = words;
  if (first === undefined || first === '') return { problem: 'it names no program' };
  if (/^\w+=/.test(first)) return { problem: 'it begins with a variable; use `variables`, or shell: true' };
  return { words: [first, ...rest] };
}

function ofShell(char: string): string {
  const shown = /[\n\r]/.test(char) ? 'a new line' : char;
  return `${shown} means something to a shell only, and there is none; quote it, or write { run: …, shell: true }`;
}
