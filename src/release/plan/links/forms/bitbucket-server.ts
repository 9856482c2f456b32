import { encodeQuery, type LinkForm } from '../form.ts';

/** Bitbucket Data Center: a clone's `scm/PROJ/repo` is shown as `projects/PROJ/repos/repo`. It has no issues. */
export const bitbucketServer: LinkForm = {
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

function page(base: string): string {
  return base.replace(
    /^(https?:\/\/[^/]+(?:\/[^/]+)*?)\/(?:scm\/)?(~?[^/]+)\/([^/]+)$/,
    (_whole, host: string, project: string, repository: string) =>
      project.startsWith('~')
        ? `${host}/users/${project.slice(1)}/repos/${repository}`
        : `${host}/projects/${project}/repos/${repository}`,
  );
}
