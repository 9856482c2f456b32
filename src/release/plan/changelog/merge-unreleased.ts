import type { ChangelogPart } from './changelog-parts.ts';

/** Turns the content of "Unreleased" into the release: heading and generated groups go in, nothing comes out. */
export function releaseUnreleased(
  { text: part, planned }: ChangelogPart,
  section: string,
  eol: string,
): string {
  const headingEnd =
    /^(?:<a [^\n]*\n)?[^\n]*(?:\n(?:={3,}|-{3,})[ \t\r]*(?=\n|$))?(?:\n|$)/.exec(part)?.[0].length ?? 0;
  const head = part.slice(0, headingEnd);
  const body = part.slice(headingEnd);
  // "1.3.0 (unreleased)" was this release's own heading; an "Unreleased" stays for what comes next.
  const open = planned !== null ? '' : head + (/\n$/.test(head) ? eol : eol + eol);
  if (body.trim() === '') {
    // The blank lines that stood here stay, now below the section.
    return open + section + (/\n$/.test(head) ? eol : '') + body;
  }
  const [heading = '', ...blocks] = section.split(`${eol}${eol}### `);
  let merged = body;
  const missing: string[] = [];
  const listed = listEntries(body.replace(/\r\n/g, '\n'), '\n').map(readEntry);
  for (const block of blocks) {
    const end = block.indexOf(eol);
    const title = block.slice(0, end);
    const lines = listEntries(block.slice(end).trim(), eol).filter((entry) => !takeListed(entry, listed));
    if (lines.length === 0) continue;
    const inserted = appendToGroup(merged, title, lines, eol);
    if (inserted === null) missing.push(`### ${title}${eol}${eol}${lines.join(eol)}`);
    else merged = inserted;
  }
  const lead = /^[ \t]*\r?\n/.test(merged) ? '' : eol;
  if (missing.length === 0) return open + heading + eol + lead + merged;
  const trailing = /(?:[ \t]*\r?\n)*$/.exec(merged)?.[0] ?? '';
  const content = merged.slice(0, merged.length - trailing.length);
  const added = missing.join(eol + eol);
  // Directly behind the hand-written text, so that its own trailing blank lines still end the part.
  return open + heading + eol + lead + content + eol + eol + added + trailing;
}

/** The entries of a list with the lines that continue them. */
function listEntries(text: string, eol: string): string[] {
  const entries: string[] = [];
  for (const line of text.split(eol)) {
    if (/^[-*] /.test(line) || entries.length === 0) entries.push(line);
    else entries[entries.length - 1] += eol + line;
  }
  return entries.filter((entry) => entry.trim() !== '');
}

interface ListedEntry {
  /** The pull request that it names as its own, at its end, or null. */
  pull: string | null;
  words: string;
}

/** What an entry of a list says, apart from its bullet and its references. */
function readEntry(entry: string): ListedEntry {
  const line = entry
    .replace(/^\s*[-*+][ \t]+/, '')
    .replace(/\s+/g, ' ')
    .trim();
  const reference =
    /[ \t](?:\(\[?[#!](\d+)\]?(?:\([^()]*\))?(?: by @[\w-]+)?\)|\[[#!](\d+)\](?:\([^()]*\))?|[#!](\d+))(?:,? closes .*)?[.]?$/i.exec(
      line,
    );
  const words = (reference === null ? line : line.slice(0, reference.index)).replace(/[.,;:]+$/, '');
  const pull = reference?.[1] ?? reference?.[2] ?? reference?.[3] ?? null;
  return { pull, words: words.trim().toLowerCase() };
}

/**
 * Whether a person has listed a change already: as the same pull request, or in the same words. A mention is no
 * entry, and each entry stands for one change only.
 */
function takeListed(entry: string, listed: ListedEntry[]): boolean {
  const { pull, words } = readEntry(entry);
  const at = listed.findIndex((one) =>
    pull !== null && one.pull !== null ? one.pull === pull : words !== '' && one.words === words,
  );
  if (at >= 0) listed.splice(at, 1);
  return at >= 0;
}

/** Adds lines to the end of a group that exists, or gives null. */
function appendToGroup(body: string, title: string, lines: string[], eol: string): string | null {
  const lower = title.toLowerCase();
  const rows = body.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const start = rows.findIndex(
    (row) =>
      /^#{2,6}[ \t]+/.test(row) &&
      row
        .replace(/^#+|[\s#]+$/g, '')
        .trim()
        .toLowerCase() === lower,
  );
  if (start < 0) return null;
  let end = rows.findIndex((row, index) => index > start && /^#{1,6}[ \t]/.test(row));
  if (end < 0) end = rows.length;
  while (end > start + 1 && (rows[end - 1] ?? '').trim() === '') end -= 1;
  const before = rows.slice(0, end).join('');
  const gap = /\n$/.test(before) ? '' : eol;
  const first = end === start + 1 ? eol : '';
  const close = gap === '' ? eol : '';
  return before + gap + first + lines.join(eol) + close + rows.slice(end).join('');
}
