/**
 * Text from commits to Markdown that can do no harm: no HTML, no link of the author's choice, no mention that
 * notifies somebody, no heading or list of its own. Code spans stay as they are, since nothing in them is live.
 */

import { REFERENCE, readReference } from '../commits/references.ts';
import type { Links } from '../links/links.ts';
import { withoutControls } from '../printable.ts';

/** Longer texts exist only to flood a page. */
const MAX_INLINE = 2_000;
const MAX_BLOCK = 20_000;

/** What a Markdown renderer would turn into a link or a mention by itself: addresses, and whatever has an `@`. */
const LIVE =
  /(?:[a-z][a-z0-9+.-]{1,20}:\/\/|\bwww\.)[^\s<>`]+|[^\s`(),;"'<>[\]{}@]{0,200}@[^\s`(),;"'<>[\]{}]{0,200}/gi;

/** One line of text as Markdown, with mentions of issues and pull requests linked. */
export function renderInline(text: string, links: Links): string {
  if (text.length <= MAX_INLINE && isPlain(text) && !/ (?: |$)/.test(text)) return text;
  const plain = withoutControls(cut(text, MAX_INLINE)).replace(/\s+/g, ' ').trim();
  if (isPlain(plain)) return plain;
  return escapeBlockStart(renderSpans(plain, links));
}

/**
 * Several lines of text as Markdown that can stand inside a list item. Closed code fences stay code; the rest is
 * escaped line by line.
 *
 * @param indent what every line after the first begins with
 */
export function renderBlock(text: string, links: Links, indent: string): string {
  const lines = withoutControls(cut(text, MAX_BLOCK)).split('\n');
  const rendered: string[] = [];
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    const fence = /^ {0,3}(`{3,})([\w+-]{0,20})[ \t]*$/.exec(line);
    const end =
      fence === null ? -1 : lines.findIndex((other, index) => index > at && other.trim() === fence[1]);
    if (fence !== null && end > at) {
      rendered.push(`${fence[1]}${fence[2]}`, ...lines.slice(at + 1, end), fence[1] ?? '```');
      at = end;
    } else {
      rendered.push(escapeBlockStart(renderSpans(line.trim(), links)));
    }
  }
  return rendered.map((line, index) => (index === 0 || line === '' ? line : indent + line)).join('\n');
}

/** Escapes everything that Markdown would read as markup in a piece of text without code, addresses or mentions. */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/[\\`*[\]~]|<(?=[A-Za-z/!?])|&(?=#?\w{1,32};)/g, '\\$&')
    .replace(/(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g, '\\_');
}

/** A name in text: as it is when it has only harmless characters, else as code. */
export function renderName(name: string): string {
  const clean = withoutControls(name)
    .replace(/[\s`]+/g, ' ')
    .trim();
  return /^[A-Za-z0-9][A-Za-z0-9./ +-]*$/.test(clean) ? clean : `\`${clean}\``;
}

/** Most subjects have no character that could mean anything; they need no further work. */
function isPlain(text: string): boolean {
  return (
    /^[A-Za-z(][A-Za-z0-9 ,;:()'"=?%/-]*(?:\.[A-Za-z0-9 ,;:()'"=?%/-]+)*\.?$/.test(text) &&
    !/:\/\/|www\.|GH-/i.test(text)
  );
}

function renderSpans(text: string, links: Links): string {
  const parts = splitCode(text);
  return parts.map((part, index) => (index % 2 === 1 ? `\`${part}\`` : renderText(part, links))).join('');
}

/** Text and code by turns; backticks that do not pair up one by one are text. */
function splitCode(text: string): string[] {
  if (!text.includes('`')) return [text];
  if (text.includes('``')) return [text];
  const parts = text.split('`');
  if (parts.length % 2 === 1) return parts;
  const last = parts.pop() ?? '';
  const before = parts.pop() ?? '';
  return [...parts, `${before}\`${last}`];
}

function renderText(text: string, links: Links): string {
  let rendered = '';
  let from = 0;
  for (const match of text.matchAll(LIVE)) {
    const token = match[0].replace(/[.,:;!?)\]}'"]+$/, '');
    if (token === '' || !/[@:]|^www\./i.test(token)) continue;
    rendered += renderMentions(text.slice(from, match.index), links);
    from = match.index + token.length;
    const reference = [...token.matchAll(REFERENCE)][0];
    const known = reference?.[0] === token ? linkReference(reference, links) : null;
    rendered += known ?? `\`${token.replaceAll('`', '')}\``;
  }
  // A link after an exclamation mark would be an image.
  return (rendered + renderMentions(text.slice(from), links)).replace(/!(?=\[)/g, '\\!');
}

function renderMentions(text: string, links: Links): string {
  if (!/[#!]\d|GH-\d/.test(text)) return escapeMarkdown(text);
  let rendered = '';
  let from = 0;
  for (const match of text.matchAll(REFERENCE)) {
    const link = linkReference(match, links);
    rendered += escapeMarkdown(text.slice(from, match.index)) + (link ?? escapeMarkdown(match[0]));
    from = match.index + match[0].length;
  }
  return rendered + escapeMarkdown(text.slice(from));
}

function linkReference(match: RegExpMatchArray, links: Links): string | null {
  const reference = readReference(match);
  const address = links.issue(reference);
  return address === null ? null : `[${escapeMarkdown(links.label(reference))}](${address})`;
}

/** What begins a heading, list, quote, rule, table or fence at the start of a line loses that meaning. */
function escapeBlockStart(line: string): string {
  if (/^(?:#{1,6}(?:\s|$)|[-+](?:\s|$)|>|=+\s*$|-{2,}\s*$|\|)/.test(line)) return `\\${line}`;
  return line.replace(/^(\d{1,9})([.)])(?=\s|$)/, '$1\\$2');
}

function cut(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit)} …`;
}
