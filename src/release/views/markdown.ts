import { withoutControls } from '../plan/printable.ts';

/** Longer texts exist only to flood a page. */
const LONGEST = 2_000;

/** What a Markdown renderer would make a link or a mention of by itself: addresses, and whatever has an `@`. */
const LIVE = /(?:[a-z][a-z0-9+.-]{1,20}:\/\/|\bwww\.)[^\s`]+|[^\s`@]{0,100}@[^\s`]{0,100}/gi;

/**
 * Text from outside as plain text inside one line of Markdown: no markup, no HTML, no link or mention that its author
 * chose, no control characters. Addresses and mentions stand as code, in which nothing is live.
 */
export function markdownText(text: string, longest: number = LONGEST): string {
  const plain = cutText(
    withoutControls(text.slice(0, 4 * LONGEST))
      .replace(/\s+/g, ' ')
      .trim(),
    longest,
  );
  let rendered = '';
  let at = 0;
  for (const match of plain.matchAll(LIVE)) {
    rendered += `${escapeMarks(plain.slice(at, match.index))}\`${match[0]}\``;
    at = match.index + match[0].length;
  }
  return rendered + escapeMarks(plain.slice(at));
}

/** Text from outside as one line of plain text: no line break of its own, no control characters. */
export function oneLine(text: string, longest: number): string {
  return cutText(withoutControls(text).replace(/\s+/g, ' ').trim(), longest);
}

/** At most `longest` characters; what was cut is shown by an ellipsis. Never ends inside a surrogate pair. */
export function cutText(text: string, longest: number): string {
  if (text.length <= longest) return text;
  const kept = text.slice(0, Math.max(0, longest - 1));
  return `${/[\ud800-\udbff]$/.test(kept) ? kept.slice(0, -1) : kept}…`;
}

/** Length in UTF-8, in bytes. Workflow code has no Buffer. */
export function countBytes(text: string): number {
  let bytes = 0;
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}

/** The longest beginning of `text` that has at most `limit` bytes in UTF-8. */
export function cutBytes(text: string, limit: number): string {
  let bytes = 0;
  let at = 0;
  for (const char of text) {
    bytes += countBytes(char);
    if (bytes > limit) return text.slice(0, at);
    at += char.length;
  }
  return text;
}

function escapeMarks(text: string): string {
  return text
    .replace(/[\\`*_{}[\]<>()#+!|~&]/g, (mark) => `\\${mark}`)
    .replace(
      /^(\s*)([-=:]|\d+(?=\.))/,
      (_all, space: string, mark: string) => `${space}${/\d/.test(mark) ? `${mark}\\` : `\\${mark}`}`,
    );
}
