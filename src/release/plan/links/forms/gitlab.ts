import { encodePath, type LinkForm } from '../form.ts';

/** GitLab, on its own host or a team's. */
export const gitlab: LinkForm = {
  knows: (host) => /gitlab/.test(host),
  pullMark: '!',
  commit: (base, sha) => `${base}/-/commit/${encodePath(sha)}`,
  issue: (base, number) => `${base}/-/issues/${number}`,
  pull: (base, number) => `${base}/-/merge_requests/${number}`,
  compare: (base, from, to) => `${base}/-/compare/${encodePath(from)}...${encodePath(to)}`,
  tag: (base, tag) => `${base}/-/tags/${encodePath(tag)}`,
};
