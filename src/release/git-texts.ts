/**
 * The words that a release leaves in git: messages of commits and of the tag, names of branches. Templates with marks
 * such as `{version}`, so that a team's own rules for commits hold for Windlass too.
 */

/** What the marks of each text may be. `{version}` is what tells one release from another. */
export const GIT_TEXT_MARKS = {
  commitMessage: ['product', 'title', 'version', 'tag', 'type'],
  mergeMessage: ['product', 'title', 'version', 'branch'],
  tagMessage: ['product', 'title', 'version', 'tag'],
  stateMessage: ['product', 'title', 'what'],
  branch: ['product', 'version'],
  hotfixBranch: ['product', 'version'],
} as const;

/** Those that name the branch of a release or of a hotfix. */
export const BRANCH_TEXTS = ['branch', 'hotfixBranch'] as const;

export type GitTextName = keyof typeof GIT_TEXT_MARKS;

export type GitTexts = Record<GitTextName, string>;

/** What is written where the configuration says nothing. */
export const GIT_TEXTS: GitTexts = {
  commitMessage: 'chore(release): {version}',
  mergeMessage: 'chore(release): merge {version} into {branch}',
  tagMessage: '{title} {version}',
  stateMessage: 'chore(release): {what} of {product}',
  branch: 'release/{product}/v{version}',
  hotfixBranch: 'hotfix/{product}/v{version}',
};

type Marks<N extends GitTextName> = Record<(typeof GIT_TEXT_MARKS)[N][number], string>;

/**
 * One of the texts with its marks filled in. A value is put in as it is: what it holds is no mark again.
 *
 * @param own the product's own templates; a release that began before there were any has none
 */
export function fillGitText<N extends GitTextName>(
  name: N,
  own: Partial<GitTexts> | undefined,
  values: Marks<N>,
): string {
  const filled: Record<string, string> = values;
  return (own?.[name] ?? GIT_TEXTS[name]).replace(/\{(\w+)\}/g, (mark, key: string) =>
    Object.hasOwn(filled, key) ? (filled[key] ?? mark) : mark,
  );
}

/** Texts that become messages of commits. */
const COMMIT_TEXTS = ['commitMessage', 'mergeMessage', 'stateMessage'] as const;

/** Whether a commit's first line is one that a release of the product writes, whatever its marks stand for. */
export function isOwnSubject(subject: string, own: Partial<GitTexts> | undefined): boolean {
  return COMMIT_TEXTS.some((name) => {
    const [line = ''] = (own?.[name] ?? GIT_TEXTS[name]).split('\n');
    return fits(subject, line.trim().split(/\{\w+\}/));
  });
}

/** Whether the parts follow each other in the line, from its start to its end. Its cost follows the line's length. */
function fits(line: string, parts: string[]): boolean {
  const [first = '', ...others] = parts;
  const last = others.pop();
  if (last === undefined) return line === first;
  if (!line.startsWith(first)) return false;
  let at = first.length;
  for (const part of others) {
    const found = line.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return line.length - at >= last.length && line.endsWith(last);
}
