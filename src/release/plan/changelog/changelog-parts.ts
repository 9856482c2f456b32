/** A changelog file cut into its parts, which joined again give the same bytes. */
import { readPython } from '../version-files/manifests/pyproject.ts';

/** One heading with what follows it, cut so that preamble, releases and foot joined give the file again. */
export interface ChangelogPart {
  /**
   * The version that the heading names (`1.2` as `1.2.0`), `Unreleased` as such, or null for a heading that is neither,
   * only speaks of a version, or is another package's.
   */
  version: string | null;
  /** The version that an unreleased heading names (`1.3.0 (unreleased)`), or null. */
  planned: string | null;
  /** The date that the heading names (`YYYY-MM-DD`), or null. */
  date: string | null;
  yanked: boolean;
  /** The heading with everything up to the next one. */
  text: string;
}

export interface ParsedChangelog {
  preamble: string;
  parts: ChangelogPart[];
  /** The block of link definitions that ends the file, or ''. */
  foot: string;
}

const HEADING = /^ {0,3}#{1,6}[ \t]+(.*?)[ \t]*#*[ \t]*$/;
/** A whole line that begins in bold, as some write their headings: `**1.2.0** (2024-01-01)`. */
const BOLD = /^(?:\*\*|__)([^*_\n]+)(?:\*\*|__)([^*_\n]*)$/;
const UNRELEASED =
  /^\[?(?:un-?released|next(?: release| version)?|upcoming(?: release)?|not yet released|pending|in development|head|master|main|trunk)\]?(?:\[[^\]]*\]|\([^)]*\))?(?:[ \t]*[-–—:(].*|[ \t]+changes)?$/i;
/** `1.2.0`, `v1.2.0`, `[1.2.0][1.2.0]`, `Release 1.2`, `shop 1.2.0`, `@acme/shop@1.2.0`, `shop-v1.2.0`. */
const NAMED_VERSION =
  /^(?:(?:release|version|ver\.?|rel\.?)[ \t]+)?(?:(@?[A-Za-z][\w./-]*?)(?:[ \t]*[:–—][ \t]*|[ \t]+|@|-(?=v?\d)))?\[?(?:(@?[A-Za-z][\w./-]*)[@-])?v?(\d+\.\d+(?:\.\d+)?)((?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?|(?:a|b|rc)\d+)\]?(?=$|[ \t([:,/–—])/i;
/** What goes on in words speaks about a version: "1.2.0 migration guide". */
const MENTION =
  /^(?:\]?\[[^\]]*\]|\([^)]*\))?[ \t]+(?!(?:released?|unreleased|yanked|alpha|beta|rc|final|stable|lts|on|and|by|is out)\b)[a-z]/;
const DATE = /\b(\d{4}-\d{2}-\d{2})\b/;
const LINK_DEFINITION = /^ {0,3}\[[^\]\n]+\]:[ \t]*\S+/;

/**
 * Cuts a changelog into preamble, releases and foot; joined again they are the text, byte for byte.
 *
 * @param names the product's own names; headings of other packages are parts without a version
 */
export function parseChangelog(text: string, names: readonly string[] = []): ParsedChangelog {
  const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const starts: { line: number; title: string }[] = [];
  const hidden = findHidden(lines);
  lines.forEach((line, index) => {
    if (hidden.has(index)) return;
    const title = readHeading(line, lines[index + 1]);
    if (title !== undefined && isReleaseTitle(title)) starts.push({ line: index, title });
  });
  const isOwn = ownNames(
    starts.map(({ title }) => title),
    names,
  );
  // An anchor in the line before (`<a name="1.2.3"></a>`) belongs to its heading.
  for (const start of starts) {
    if (start.line > 0 && /^<a (?:name|id)="[^"]*"><\/a>\s*$/.test(lines[start.line - 1] ?? ''))
      start.line -= 1;
  }
  const footStart = findFoot(lines, starts.at(-1)?.line ?? -1);
  const parts = starts.map((start, index) => {
    const end = starts[index + 1]?.line ?? footStart;
    return { ...readTitle(start.title, isOwn), text: lines.slice(start.line, end).join('') };
  });
  return {
    preamble: lines.slice(0, starts[0]?.line ?? footStart).join(''),
    parts,
    foot: lines.slice(footStart).join(''),
  };
}

/** Joins what `parseChangelog` cut. */
export function joinChangelog(changelog: ParsedChangelog): string {
  return changelog.preamble + changelog.parts.map((part) => part.text).join('') + changelog.foot;
}

function bareLine(line: string): string {
  return line.replace(/[\r\n]+$/, '').replace(/^\ufeff/, '');
}

/** The words of a heading of any usual form, or undefined for any other line. */
export function readHeading(line: string, next: string | undefined): string | undefined {
  const bare = bareLine(line);
  const bold = BOLD.exec(bare);
  return (
    HEADING.exec(bare)?.[1] ?? setextTitle(bare, next) ?? (bold === null ? undefined : `${bold[1]}${bold[2]}`)
  );
}

/**
 * Lines inside code fences and HTML comments. What nobody closed is taken for a slip: it must not swallow every release.
 */
export function findHidden(lines: readonly string[]): Set<number> {
  const hidden = new Set<number>();
  let open: { close: RegExp; line: number } | null = null;
  lines.forEach((line, index) => {
    const bare = bareLine(line);
    if (open !== null) {
      if (!open.close.test(bare)) return;
      for (let at = open.line; at <= index; at++) hidden.add(at);
      open = null;
      return;
    }
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(bare)?.[1];
    if (mark !== undefined) open = { close: new RegExp(`^ {0,3}${mark}`), line: index };
    else if (bare.lastIndexOf('<!--') > bare.lastIndexOf('-->')) open = { close: /-->/, line: index };
    else if (/^\s*<!--.*-->\s*$/.test(bare)) hidden.add(index);
  });
  return hidden;
}

function isReleaseTitle(title: string): boolean {
  return UNRELEASED.test(title) || NAMED_VERSION.test(title);
}

/** Tells whose version a heading states. Where all headings have one and the same name, it is the product's. */
function ownNames(
  titles: readonly string[],
  names: readonly string[],
): (name: string | undefined) => boolean {
  const found = titles.map((title) => nameOf(NAMED_VERSION.exec(title))?.toLowerCase());
  const single = new Set(found).size === 1 ? found[0] : undefined;
  const own = new Set(names.map((name) => name.toLowerCase()));
  return (name) => name === undefined || own.has(name.toLowerCase()) || name.toLowerCase() === single;
}

function nameOf(match: RegExpExecArray | null): string | undefined {
  const name = match?.[1] ?? match?.[2];
  return name === undefined || /^(?:v|release|version|ver|rel)$/i.test(name) ? undefined : name;
}

function setextTitle(line: string, next: string | undefined): string | undefined {
  return next !== undefined && line.trim() !== '' && /^ {0,3}(?:={3,}|-{3,})\s*$/.test(next)
    ? line.trim()
    : undefined;
}

function readTitle(
  title: string,
  isOwn: (name: string | undefined) => boolean,
): Pick<ChangelogPart, 'version' | 'planned' | 'date' | 'yanked'> {
  const found = NAMED_VERSION.exec(title);
  const rest = found === null ? '' : title.slice(found[0].length);
  const marks = { date: DATE.exec(title)?.[1] ?? null, yanked: /\[yanked\]/i.test(title) };
  if (UNRELEASED.test(title)) return { version: 'Unreleased', planned: null, ...marks };
  if (found === null || !isOwn(nameOf(found)) || MENTION.test(rest))
    return { version: null, planned: null, ...marks };
  const [major, minor, patch = '0'] = (found[3] ?? '').split('.');
  const version = readPython(`${major}.${minor}.${patch}${found[4] ?? ''}`);
  // `1.3.0 (unreleased)`, as Python's tools keep it.
  if (/\b(?:un-?released|not yet released|tbd|in progress)\b/i.test(rest))
    return { version: 'Unreleased', planned: version, ...marks };
  return { version, planned: null, ...marks };
}

/** Where the link definitions at the end of the file begin: at `lines.length` when there are none. */
function findFoot(lines: readonly string[], after: number): number {
  let start = lines.length;
  let at = lines.length - 1;
  for (; at > after; at--) {
    const line = lines[at] ?? '';
    if (LINK_DEFINITION.test(line)) start = at;
    else if (line.trim() !== '') break;
  }
  return start;
}

/** What is missing after a text so that a blank line separates it from what follows. */
export function blankLineAfter(text: string, eol: string): string {
  if (/\n[ \t]*\r?\n$/.test(text)) return '';
  return /\n$/.test(text) ? eol : eol + eol;
}
