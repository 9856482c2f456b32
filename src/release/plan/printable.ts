/** Text from outside, made harmless for a terminal, a log or a document. */

/**
 * Control characters (C0 without tab and line feed, DEL, C1) and marks that change the direction of text or hide in
 * it: they move cursors, recolour terminals, and make text read otherwise than it is.
 */
const UNSAFE =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Plain ASCII, which most text is: found out in a fraction of the time that a search for all of the above takes. */
function isHarmless(text: string): boolean {
  return !/[^\t\n\x20-\x7e]/.test(text);
}

/** Shows unsafe characters as escapes (`\u001b`), so that a person sees what is there and the terminal obeys nothing. */
export function printable(text: string): string {
  if (isHarmless(text)) return text;
  return text
    .replace(UNSAFE, (char) => (char === '\r' ? '' : escapeCode(char)))
    .replace(LONE_SURROGATE, escapeCode);
}

/** Leaves unsafe characters out, for text that becomes part of a document. */
export function withoutControls(text: string): string {
  if (isHarmless(text)) return text;
  return text.replace(UNSAFE, '').replace(LONE_SURROGATE, '\ufffd');
}

/** JSON in which unsafe characters stand as escapes: the same data, harmless to print. */
export function printableJson(value: unknown, indent = 2): string {
  return JSON.stringify(value, null, indent).replace(UNSAFE, (char) =>
    char === '\n' ? char : jsonEscape(char),
  );
}

function escapeCode(char: string): string {
  return `\\u${(char.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
}

function jsonEscape(char: string): string {
  let escaped = '';
  for (let at = 0; at < char.length; at++)
    escaped += `\\u${char.charCodeAt(at).toString(16).padStart(4, '0')}`;
  return escaped;
}
