/** Mentions of issues and pull requests in commit messages: `#12`, `GH-12`, `!12`, `owner/repo#12`, full addresses. */

export interface Reference {
  kind: 'issue' | 'pull';
  /** `owner/repo` (or a GitLab group path) when the text names another project, else null. */
  project: string | null;
  /** Origin of a full address (`https://github.com`), else null. */
  origin: string | null;
  number: number;
}

/**
 * One mention: a full address of an issue or pull request, `owner/repo#12`, `GH-12`, `#12` or GitLab's `!12`.
 * Numbers have at most ten digits and nothing that continues a word around them, so that colours (`#123abc`) and
 * anchors are left alone. Always used through `matchAll`, which copies it: it keeps no state between calls.
 */
export const REFERENCE =
  /(https?:\/\/[A-Za-z0-9.-]+(?::\d+)?)\/([\w.-]+(?:\/[\w.-]+)+?)\/(?:-\/)?(pull|pulls|issues|merge_requests)\/(\d{1,10})(?![\w/])|(?<![\w/.-])([A-Za-z0-9][\w.-]{0,99}\/[\w.-]{1,100})([#!])(\d{1,10})(?!\w)|(?<![\w&/#])(?:GH-|#)(\d{1,10})(?!\w)|(?<![\w!/])!(\d{1,10})(?!\w)/g;

/** Turns one match of `REFERENCE` into data. */
export function readReference(match: RegExpMatchArray): Reference {
  const [, origin, path, kind, urlNumber, project, mark, projectNumber, local, merge] = match;
  if (origin !== undefined && path !== undefined) {
    return {
      kind: kind === 'issues' ? 'issue' : 'pull',
      project: path,
      origin,
      number: Number(urlNumber),
    };
  }
  if (project !== undefined) {
    return { kind: mark === '!' ? 'pull' : 'issue', project, origin: null, number: Number(projectNumber) };
  }
  if (merge !== undefined) return { kind: 'pull', project: null, origin: null, number: Number(merge) };
  return { kind: 'issue', project: null, origin: null, number: Number(local) };
}

/**
 * A closing word, then at once a mention. That the mention must follow keeps "fix: …", which begins every other
 * subject, from matching.
 */
const CLOSING =
  /\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?[ \t]+(?=(?:#|!|GH-|https?:\/\/|[\w.-]{1,100}\/[\w.-]{1,100}[#!])[\w])([^\r\n]{1,300})/i;

/** Issues that a text says it settles (`Closes #1`, `fixes owner/repo#2, #3`), each once, in order. */
export function findClosedIssues(text: string): Reference[] {
  if (!text.includes('#') && !text.includes('://') && !/GH-|!\d/.test(text)) return [];
  const found: Reference[] = [];
  let rest = text;
  for (let match = CLOSING.exec(rest); match !== null; match = CLOSING.exec(rest)) {
    for (const reference of readList(match[1] ?? '')) {
      if (!found.some((other) => isSame(other, reference))) found.push(reference);
    }
    rest = rest.slice(match.index + match[0].length);
  }
  return found;
}

/** The mentions at the start of a text: "#1, #2 and #3", but not the last of "#1, a bug that #4 brought". */
function readList(text: string): Reference[] {
  const single = /^#(\d{1,10})\.?$/.exec(text);
  if (single !== null) return [{ kind: 'issue', project: null, origin: null, number: Number(single[1]) }];
  const listed: Reference[] = [];
  let end = 0;
  for (const match of text.matchAll(REFERENCE)) {
    if (!/^[\s,&]*(?:and\s+)?(?:(?:closes|fixes|resolves)\s+)?$/i.test(text.slice(end, match.index))) break;
    end = match.index + match[0].length;
    listed.push(readReference(match));
  }
  return listed;
}

function isSame(a: Reference, b: Reference): boolean {
  return a.number === b.number && a.project === b.project && a.origin === b.origin;
}
