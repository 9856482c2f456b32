/**
 * Changelog files as people keep them: text to text. Only insertions (and the one compare link of "Unreleased"):
 * every byte that a person wrote stays, with its line ends.
 */

import type { ChangelogFormat } from '../../names.ts';
import { compareVersions, isVersion } from '../version.ts';
import {
  blankLineAfter,
  findHidden,
  joinChangelog,
  type ParsedChangelog,
  parseChangelog,
  readHeading,
} from './changelog-parts.ts';
import { insertLinks } from './compare-links.ts';
import { releaseUnreleased } from './merge-unreleased.ts';

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
  format: ChangelogFormat;
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
