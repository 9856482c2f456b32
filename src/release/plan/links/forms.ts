/** The forms of web addresses. One more is an entry of `LINK_FORMS`; they share a file because every plan loads them. */

/** How a host of repositories writes its addresses. */
export interface LinkForm {
  /** Whether a host has this form, by its name (`github.com`, `git.example.com:8443`) and the path there. */
  knows(host: string, path: string): boolean;
  /** What stands before the number of a pull request. */
  pullMark: '#' | '!';
  /** All get the repository's address without a slash at its end; null where the host has no such page. */
  commit(base: string, sha: string): string | null;
  issue(base: string, number: number): string | null;
  pull(base: string, number: number): string | null;
  compare(base: string, from: string, to: string): string | null;
  tag(base: string, tag: string): string | null;
}

/** What GitHub, GitLab and Gitea have in common; they differ in their words for a pull request and a release. */
function likeGitHub(root: string, words: { pull: string; tag: string; pullMark: LinkForm['pullMark'] }) {
  return {
    pullMark: words.pullMark,
    commit: (base: string, sha: string) => `${base}${root}/commit/${encodePath(sha)}`,
    issue: (base: string, number: number) => `${base}${root}/issues/${number}`,
    pull: (base: string, number: number) => `${base}${root}/${words.pull}/${number}`,
    compare: (base: string, from: string, to: string) =>
      `${base}${root}/compare/${encodePath(from)}...${encodePath(to)}`,
    tag: (base: string, tag: string) => `${base}${root}/${words.tag}/${encodePath(tag)}`,
  };
}

/** GitHub, its enterprise servers and data residency (`*.ghe.com`). */
const github: LinkForm = {
  knows: (host) => /(?:^|[.-])github(?:[.-]|$)|\.ghe\.com$/.test(host),
  ...likeGitHub('', { pull: 'pull', tag: 'releases/tag', pullMark: '#' }),
};

/** GitLab, on its own host or a team's. */
const gitlab: LinkForm = {
  knows: (host) => /gitlab/.test(host),
  ...likeGitHub('/-', { pull: 'merge_requests', tag: 'tags', pullMark: '!' }),
};

/** Gitea and Forgejo, Codeberg among them. */
const gitea: LinkForm = {
  knows: (host) => /gitea|forgejo|(?:^|\.)codeberg\.org$/.test(host),
  ...likeGitHub('', { pull: 'pulls', tag: 'releases/tag', pullMark: '#' }),
};

/** Bitbucket Cloud. Its comparison names the newer ref first, and a carriage return between them. */
const bitbucket: LinkForm = {
  knows: (host) => host === 'bitbucket.org',
  pullMark: '#',
  commit: (base, sha) => `${base}/commits/${encodeQuery(sha)}`,
  issue: (base, number) => `${base}/issues/${number}`,
  pull: (base, number) => `${base}/pull-requests/${number}`,
  compare: (base, from, to) => `${base}/branches/compare/${encodeQuery(to)}%0D${encodeQuery(from)}`,
  tag: (base, tag) => `${base}/src/${encodeQuery(tag)}`,
};

/** Bitbucket Data Center: a clone's `scm/PROJ/repo` is shown as `projects/PROJ/repos/repo`. It has no issues. */
const bitbucketServer: LinkForm = {
  knows: (host, path) =>
    host !== 'bitbucket.org' && (/bitbucket|(?:^|[.-])stash[.-]/.test(host) || /^scm\//.test(path)),
  pullMark: '#',
  commit: (base, sha) => `${page(base)}/commits/${encodeQuery(sha)}`,
  issue: () => null,
  pull: (base, number) => `${page(base)}/pull-requests/${number}`,
  compare: (base, from, to) =>
    `${page(base)}/compare/commits?targetBranch=${encodeQuery(from)}&sourceBranch=${encodeQuery(to)}`,
  tag: (base, tag) => `${page(base)}/browse?at=${encodeQuery(`refs/tags/${tag}`)}`,
};

/** Azure DevOps. `#12` is a work item there, `!12` a pull request. */
const azureDevops: LinkForm = {
  knows: (host) => host === 'dev.azure.com' || host.endsWith('.visualstudio.com'),
  pullMark: '!',
  commit: (base, sha) => `${base}/commit/${encodeQuery(sha)}`,
  issue: (base, number) => `${base.replace(/\/_git\/[^/]+$/, '')}/_workitems/edit/${number}`,
  pull: (base, number) => `${base}/pullrequest/${number}`,
  // What comes after the last release has no name there: which branch is meant is not known.
  compare: (base, from, to) =>
    to === 'HEAD'
      ? null
      : `${base}/branchCompare?baseVersion=GT${encodeQuery(from)}&targetVersion=GT${encodeQuery(to)}`,
  tag: (base, tag) => `${base}?version=GT${encodeQuery(tag)}`,
};

/** SourceHut: no comparisons, and no issues or pull requests of a repository's own. */
const sourcehut: LinkForm = {
  knows: (host) => host === 'git.sr.ht',
  pullMark: '#',
  commit: (base, sha) => `${base}/commit/${encodePath(sha)}`,
  issue: () => null,
  pull: () => null,
  compare: () => null,
  tag: (base, tag) => `${base}/refs/${encodePath(tag)}`,
};

/** Every form of addresses, by the name that the configuration gives it. */
export const LINK_FORMS: Readonly<Record<string, LinkForm>> = {
  github,
  gitlab,
  gitea,
  forgejo: gitea,
  bitbucket,
  'bitbucket-server': bitbucketServer,
  'azure-devops': azureDevops,
  sourcehut,
};

/** The form of a web address by its host, or null: a host of one's own may be any of them. */
export function formOf(address: string): LinkForm | null {
  const [, host = '', path = ''] = /^https?:\/\/([^/]+)\/?(.*)$/.exec(address.toLowerCase()) ?? [];
  return Object.values(LINK_FORMS).find((form) => form.knows(host, path)) ?? null;
}

/** Encodes a ref for a path, parentheses too: they would end a Markdown link. */
function encodePath(ref: string): string {
  if (/^[\w.~@/-]*$/.test(ref)) return ref;
  return encodeQuery(ref).replace(/%2F/g, '/').replace(/%40/g, '@');
}

/** Encodes a ref for a query. */
export function encodeQuery(ref: string): string {
  return encodeURIComponent(ref).replace(
    /[()!'*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function page(base: string): string {
  return base.replace(
    /^(https?:\/\/[^/]+(?:\/[^/]+)*?)\/(?:scm\/)?(~?[^/]+)\/([^/]+)$/,
    (_whole, host: string, project: string, repository: string) =>
      project.startsWith('~')
        ? `${host}/users/${project.slice(1)}/repos/${repository}`
        : `${host}/projects/${project}/repos/${repository}`,
  );
}
