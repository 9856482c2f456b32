/** Which commits a repository's tags point at, as `git show-ref` tells it: read as far as somebody asks. */

/** Tags with their commits. */
export interface TagCommits {
  /** Every tag's name. */
  names: readonly string[];
  /** Full id of a tag's commit. */
  get(tag: string): string | undefined;
  /** Every tag's commit. */
  all(): ReadonlyMap<string, string>;
}

/** Where more are asked for than these, all are looked up at once. */
const SEARCHED_AT_MOST = 16;
const LEAD = ' refs/tags/';
const [CARET, BRACE] = [94, 125];

export const NO_TAGS: TagCommits = { names: [], get: () => undefined, all: () => new Map() };

/**
 * Reads the output of `show-ref --tags --dereference`: a line per tag, and for an annotated one a second line with
 * `^{}` and the commit. A repository may have tens of thousands, of which a plan asks for a few, so only their names
 * are cut out.
 */
export function readTagCommits(text: string): TagCommits {
  const names: string[] = [];
  for (let at = text.indexOf(LEAD); at >= 0; ) {
    const end = text.indexOf('\n', at);
    if (text.charCodeAt(end - 1) !== BRACE || text.charCodeAt(end - 3) !== CARET)
      names.push(text.slice(at + LEAD.length, end));
    at = text.indexOf(LEAD, end);
  }
  let asked = 0;
  let known: ReadonlyMap<string, string> | undefined;
  const all = () => {
    known ??= readAll(text);
    return known;
  };
  const get = (tag: string) => {
    asked += 1;
    return asked > SEARCHED_AT_MOST ? all().get(tag) : search(text, tag);
  };
  return { names, get, all };
}

function search(text: string, tag: string): string | undefined {
  const at = text.indexOf(`${LEAD}${tag}\n`);
  if (at < 0) return undefined;
  const next = text.indexOf('\n', at) + 1;
  const space = text.indexOf(' ', next);
  return text.startsWith(`${LEAD}${tag}^{}\n`, space)
    ? text.slice(next, space)
    : text.slice(text.lastIndexOf('\n', at) + 1, at);
}

function readAll(text: string): Map<string, string> {
  const tags = new Map<string, string>();
  for (const line of text.split('\n')) {
    const space = line.indexOf(LEAD);
    if (space < 0) continue;
    const name = line.slice(space + LEAD.length);
    tags.set(name.endsWith('^{}') ? name.slice(0, -3) : name, line.slice(0, space));
  }
  return tags;
}
