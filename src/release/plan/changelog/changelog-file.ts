/**
 * Changelog files as people keep them: text to text. Only insertions (and the one compare link of "Unreleased"):
 * every byte that a person wrote stays, with its line ends.
 */

import { compareVersions, isVersion } from '../version.ts';
import {
  type ChangelogPart,
  findHidden,
  joinChangelog,
  type ParsedChangelog,
  parseChangelog,
  readHeading,
} from './changelog-parts.ts';

/** What a new changelog begins with. */
export const KEEP_A_CHANGELOG_PREAMBLE = `# Changelog

All notable changes to this project will be documented in this file.

The format is based on [Keep a Changelog](https://keepachangelog.com/en/1.1.0/),
and this project adheres to [Semantic Versioning](https://semver.org/spec/v2.0.0.html).

## [Unreleased]
`;
export const CONVENTIONAL_PREAMBLE = `# Changelog

All notable changes to this project will be documented in this file.
`;

export interface SectionToInsert {
  version: string;
  /** The rendered section, with line feeds; see `renderChangelogSection`. */
  section: string;
  format: 'keep-a-changelog' | 'conventional-commits';
  /** Address of the comparison with the release before, or null when there is no web address. */
  compareUrl: string | null;
  /** Address of the comparison of this release with what comes after it, or null. */
  unreleasedUrl: string | null;
  /** The release's tag, and that of the one before, which links of the file may hold. */
  tag?: string;
  previousTag?: string | null;
  /** The product's own names, where the file has those of several packages. */
  names?: readonly string[];
}

/**
 * Inserts a release into a changelog. Doing it again changes nothing: a version that has a heading is left as it
 * is, since a person may have edited its section.
 *
 * What stands under "Unreleased" becomes part of the release, as Keep a Changelog asks: the new heading goes above
 * it, generated lines join the groups that are there, and what a person has already listed is not listed twice.
 *
 * @param text the file, or null when there is none yet
 */
export function insertRelease(text: string | null, release: SectionToInsert): string {
  const keep = release.format === 'keep-a-changelog';
  if (text === null || text.replace(/^\ufeff/, '').trim() === '') {
    const fresh = keep ? KEEP_A_CHANGELOG_PREAMBLE : CONVENTIONAL_PREAMBLE;
    return insertRelease((text ?? '').startsWith('\ufeff') ? `\ufeff${fresh}` : fresh, release);
  }
  const changelog = parseChangelog(text, release.names);
  if (changelog.parts.some((part) => part.version === release.version)) return text;
  const eol = dominantLineEnd(text);
  const section = release.section.trimEnd().replace(/\n/g, eol);
  const unreleased = changelog.parts.findIndex((part) => part.version === 'Unreleased');
  if (unreleased >= 0) {
    const part = changelog.parts[unreleased];
    if (part !== undefined) part.text = releaseUnreleased(part, section, eol);
  } else if (changelog.parts.every((part) => part.version === null)) {
    insertBelowIntroduction(changelog, section, eol);
  } else {
    // Above the first version that is lower: a patch of an old line goes where it belongs.
    const lower = changelog.parts.findIndex(
      (part) =>
        part.version !== null &&
        isVersion(part.version) &&
        compareVersions(part.version, release.version) < 0,
    );
    insertBefore(changelog, lower < 0 ? changelog.parts.length : lower, section, eol);
  }
  if (keep) insertLinks(changelog, release, eol);
  return joinChangelog(changelog);
}

function dominantLineEnd(text: string): string {
  const crlf = text.match(/\r\n/g)?.length ?? 0;
  const all = text.match(/\n/g)?.length ?? 0;
  return crlf * 2 > all ? '\r\n' : '\n';
}

/** Puts a section before a part, with one blank line on either side. */
function insertBefore(changelog: ParsedChangelog, index: number, section: string, eol: string): void {
  const next = changelog.parts[index];
  const before =
    changelog.preamble +
    changelog.parts
      .slice(0, index)
      .map((part) => part.text)
      .join('');
  const gap = before === '' || before === '\ufeff' ? '' : blankLineAfter(before, eol);
  const isLast = next === undefined && changelog.foot === '';
  const text = gap + section + (isLast && !/\n$/.test(before) ? '' : isLast ? eol : eol + eol);
  changelog.parts.splice(index, 0, { version: null, planned: null, date: null, yanked: false, text });
}

/**
 * "The latest version comes first": where no heading names a version of the product, a release goes below the title and
 * the sentences that follow it, above whatever the file lists.
 */
function insertBelowIntroduction(changelog: ParsedChangelog, section: string, eol: string): void {
  const whole = changelog.preamble + changelog.parts.map((part) => part.text).join('');
  const lines = whole.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const hidden = findHidden(lines);
  let titled = false;
  let at = 0;
  for (; at < lines.length; at++) {
    const line = (lines[at] ?? '').replace(/[\r\n]+$/, '').replace(/^\ufeff/, '');
    if (hidden.has(at) || line.trim() === '') continue;
    const heading = readHeading(line, lines[at + 1]);
    const isTitle = !titled && (/^ {0,3}#[ \t]/.test(line) || /^={3,}/.test(lines[at + 1] ?? ''));
    if (isTitle) {
      titled = true;
      if (heading !== undefined && !/^ {0,3}#/.test(line)) at += 1;
    } else if (
      heading !== undefined ||
      /^ {0,3}(?:[-*+][ \t]|\d{1,9}[.)][ \t]|\||(?:-{3,}|\*{3,}|_{3,})[ \t]*$)/.test(line)
    ) {
      break;
    }
  }
  const rest = lines.slice(at).join('');
  changelog.preamble = lines.slice(0, at).join('');
  changelog.parts =
    rest === '' ? [] : [{ version: null, planned: null, date: null, yanked: false, text: rest }];
  insertBefore(changelog, 0, section, eol);
}

/** What is missing after a text so that a blank line separates it from what follows. */
function blankLineAfter(text: string, eol: string): string {
  if (/\n[ \t]*\r?\n$/.test(text)) return '';
  return /\n$/.test(text) ? eol : eol + eol;
}

/** Turns the content of "Unreleased" into the release: heading and generated groups go in, nothing comes out. */
function releaseUnreleased({ text: part, planned }: ChangelogPart, section: string, eol: string): string {
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

/** Keeps the compare links at the foot: one more for the release, and "Unreleased" counted from it. */
function insertLinks(changelog: ParsedChangelog, release: SectionToInsert, eol: string): void {
  const rows: string[] = changelog.foot.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const unreleased = rows.findIndex((row) => /^ {0,3}\[unreleased\]:/i.test(row));
  const compareUrl = release.compareUrl ?? deriveCompare(rows[unreleased] ?? '', release);
  if (compareUrl === null) return;
  const line = `[${release.version}]: ${compareUrl}`;
  if (unreleased >= 0) {
    const row = rows[unreleased] ?? '';
    rows[unreleased] = countFrom(row, release);
    const kept = rows[unreleased] ?? '';
    if (!/\n$/.test(kept)) rows.splice(unreleased, 1, kept + eol, line);
    else rows.splice(unreleased + 1, 0, line + eol);
  } else {
    const first = rows.findIndex((row) => /^ {0,3}\[v?\d+\.\d+\.\d+[^\]]*\]:/.test(row));
    if (first >= 0) rows.splice(first, 0, line + eol);
    else {
      const before = changelog.preamble + changelog.parts.map((part) => part.text).join('') + rows.join('');
      const ends = /\n$/.test(before);
      const gap = rows.length > 0 ? (ends ? '' : eol) : blankLineAfter(before, eol);
      const hasUnreleased = changelog.parts.some((part) => part.version === 'Unreleased');
      const open =
        hasUnreleased && release.unreleasedUrl !== null ? `[Unreleased]: ${release.unreleasedUrl}${eol}` : '';
      rows.push(gap + open + line + (ends ? eol : ''));
    }
  }
  changelog.foot = rows.join('');
}

/** "Unreleased" counted from this release: in the file's own form, where it holds the tag of the release before. */
function countFrom(row: string, { tag, previousTag, unreleasedUrl }: SectionToInsert): string {
  const before = previousTag ? findTag(row, previousTag) : -1;
  if (tag !== undefined && previousTag && before >= 0)
    return row.slice(0, before) + tag + row.slice(before + previousTag.length);
  if (unreleasedUrl === null) return row;
  return row.replace(
    /(\]:[ \t]*)\S*\/compare\/\S+\.\.\.?HEAD/,
    (_whole, lead: string) => lead + unreleasedUrl,
  );
}

/** The comparison of this release with the one before, in the form of the file's own link, or null. */
function deriveCompare(row: string, { tag, previousTag }: SectionToInsert): string | null {
  const url = /\]:[ \t]*(\S+)/.exec(row)?.[1] ?? '';
  if (tag === undefined || !previousTag || findTag(url, previousTag) < 0) return null;
  const open = /(\.\.\.?|%0D|targetVersion=GB)(?:HEAD|main|master|develop|trunk)(?=$|[#&])/.exec(url);
  if (open === null) return null;
  return `${url.slice(0, open.index)}${open[1]}${tag}${url.slice(open.index + open[0].length)}`;
}

/** Where a tag stands in a text as a whole, or -1. */
function findTag(text: string, tag: string): number {
  const at = text.lastIndexOf(tag);
  if (at < 0) return -1;
  const begins = /(?:^|\W|%0D|G[TB])$/.test(text.slice(0, at));
  return begins && !/^(?:[\w-]|\.\d)/.test(text.slice(at + tag.length)) ? at : -1;
}
