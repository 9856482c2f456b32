import type { SectionToInsert } from './changelog-file.ts';
import { blankLineAfter, type ParsedChangelog } from './changelog-parts.ts';

/** Keeps the compare links at the foot: one more for the release, and "Unreleased" counted from it. */
export function insertLinks(changelog: ParsedChangelog, release: SectionToInsert, eol: string): void {
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
