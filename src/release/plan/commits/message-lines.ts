/**
 * A commit's body line by line, as its author means it: apart from code, from the comments of templates and from what
 * a dependency's update quotes. Words there look like footers and are none.
 */

/** `quoted` speaks of somebody else's product. */
export interface BodyLine {
  text: string;
  kind: 'own' | 'code' | 'quoted';
}

/** Marks of Dependabot's, Renovate's and Greenkeeper's messages, which stay when a person renames the pull request. */
const UPDATES_A_DEPENDENCY =
  /\bSourced from\b|This PR contains the following updates|^Bumps \[|^updated-dependencies:|\bdependabot\[bot\]|@dependabot |\brenovate(?:bot|\[bot\]|\.json)/im;
/** Below these, a dependency's own words begin; Renovate's own go on after a rule or under "Configuration". */
const QUOTED_SECTION = /^#{1,6}[ \t]*(?:release notes|changelog|commits|what's changed)\b/i;
const OWN_AGAIN = /^(?:-{3,}|\*{3,}|_{3,})[ \t]*$|^#{1,6}[ \t]*configuration\b/i;

/**
 * Reads a body.
 *
 * @param body the message after its subject, line feeds only
 * @param aboutDependency whether subject or scope say that it updates a dependency; its quotes are found out then
 */
export function readBodyLines(body: string, aboutDependency: boolean): BodyLine[] {
  const text = body.includes('<!--') ? body.replace(/<!--[\s\S]*?-->/g, '') : body;
  // `git merge --squash` indents the commits that it lists.
  const indented = isSquashLog(text);
  const lines = text
    .split('\n')
    .map((line): BodyLine => ({ text: indented ? line.replace(/^ {4}/, '') : line, kind: 'own' }));
  if (/`{3}|~{3}/.test(text)) markCode(lines);
  if (aboutDependency || UPDATES_A_DEPENDENCY.test(text)) markQuotes(lines);
  return lines;
}

/** Whether a body lists the commits of a squash as `git log` prints them. */
export function isSquashLog(body: string): boolean {
  return body.includes('Squashed commit of the following') || /^commit [0-9a-f]{7,64}$/m.test(body);
}

/** A fence that nobody closed is a slip, and hides nothing. */
function markCode(lines: BodyLine[]): void {
  let open: { mark: string; at: number } | null = null;
  for (let at = 0; at < lines.length; at++) {
    const fence = /^[ \t]*(?:[*+-][ \t]+)?(`{3,}|~{3,})(.*)$/.exec(lines[at]?.text ?? '');
    if (fence === null) continue;
    if (open === null) open = { mark: fence[1] ?? '', at };
    else if (fence[1]?.startsWith(open.mark) === true && (fence[2] ?? '').trim() === '') {
      for (const line of lines.slice(open.at, at + 1)) line.kind = 'code';
      open = null;
    }
  }
}

function markQuotes(lines: BodyLine[]): void {
  let depth = 0;
  let section = false;
  for (const line of lines) {
    const opened = line.text.match(/<(?:details|blockquote)\b/gi)?.length ?? 0;
    const closed = line.text.match(/<\/(?:details|blockquote)>/gi)?.length ?? 0;
    if (depth === 0 && QUOTED_SECTION.test(line.text)) section = true;
    else if (depth === 0 && OWN_AGAIN.test(line.text)) section = false;
    if (section || depth > 0 || opened > 0) line.kind = 'quoted';
    depth = Math.max(0, depth + opened - closed);
  }
}
