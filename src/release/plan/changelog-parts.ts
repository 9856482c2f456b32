/** A changelog file cut into its parts, which joined again give the same bytes. */

/** One heading with what follows it, cut so that preamble, releases and foot joined give the file again. */
export interface ChangelogPart {
  /** The version that the heading names, `Unreleased` as such, or null for a heading that is neither. */
  version: string | null;
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

const HEADING = /^ {0,3}#{1,3}[ \t]+(.*?)[ \t]*#*[ \t]*$/;
const UNRELEASED = /^\[?unreleased\]?(?:\([^)]*\))?(?:[ \t].*)?$/i;
const NAMED_VERSION =
  /^(?:release[ \t]+|version[ \t]+)?\[?(?:@?[\w./-]*[@-])?v?(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?)\]?(?=$|[ \t(:,/–—-])/i;
const DATE = /\b(\d{4}-\d{2}-\d{2})\b/;
const LINK_DEFINITION = /^ {0,3}\[[^\]\n]+\]:[ \t]*\S+/;

/** Cuts a changelog into preamble, releases and foot; joined again they are the text, byte for byte. */
export function parseChangelog(text: string): ParsedChangelog {
  const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const starts: { line: number; title: string }[] = [];
  const fenced = findFenced(lines);
  lines.forEach((line, index) => {
    if (fenced.has(index)) return;
    const bare = bareLine(line);
    const title = HEADING.exec(bare)?.[1] ?? setextTitle(bare, lines[index + 1]);
    if (title !== undefined && (UNRELEASED.test(title) || NAMED_VERSION.test(title)))
      starts.push({ line: index, title });
  });
  // An anchor in the line before (`<a name="1.2.3"></a>`) belongs to its heading.
  for (const start of starts) {
    if (start.line > 0 && /^<a (?:name|id)="[^"]*"><\/a>\s*$/.test(lines[start.line - 1] ?? ''))
      start.line -= 1;
  }
  const footStart = findFoot(lines, starts.at(-1)?.line ?? -1);
  const parts = starts.map((start, index) => {
    const end = starts[index + 1]?.line ?? footStart;
    return { ...readTitle(start.title), text: lines.slice(start.line, end).join('') };
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

/** Marks a release as withdrawn (`[YANKED]`), as Keep a Changelog asks; unknown or marked versions change nothing. */
export function markYanked(text: string, version: string): string {
  const changelog = parseChangelog(text);
  const part = changelog.parts.find((candidate) => candidate.version === version);
  if (part === undefined || part.yanked) return text;
  part.text = part.text.replace(
    /^((?:<a [^\n]*\n)?[^\r\n]*?)[ \t]*(\r?\n|$)/,
    (_whole, line: string, end: string) => `${line} [YANKED]${end}`,
  );
  return joinChangelog(changelog);
}

function bareLine(line: string): string {
  return line.replace(/[\r\n]+$/, '').replace(/^\ufeff/, '');
}

/** Lines inside code fences. A fence that nobody closed is taken for a slip: it must not swallow every release. */
function findFenced(lines: readonly string[]): Set<number> {
  const fenced = new Set<number>();
  let open: { mark: string; line: number } | null = null;
  lines.forEach((line, index) => {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(bareLine(line))?.[1];
    if (mark === undefined) return;
    if (open === null) {
      open = { mark, line: index };
    } else if (mark.startsWith((open as { mark: string }).mark)) {
      for (let at = (open as { line: number }).line; at <= index; at++) fenced.add(at);
      open = null;
    }
  });
  return fenced;
}

function setextTitle(line: string, next: string | undefined): string | undefined {
  return next !== undefined && line.trim() !== '' && /^ {0,3}(?:={3,}|-{3,})\s*$/.test(next)
    ? line.trim()
    : undefined;
}

function readTitle(title: string): Pick<ChangelogPart, 'version' | 'date' | 'yanked'> {
  const version = UNRELEASED.test(title) ? 'Unreleased' : (NAMED_VERSION.exec(title)?.[1] ?? null);
  return { version, date: DATE.exec(title)?.[1] ?? null, yanked: /\[yanked\]/i.test(title) };
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
