import { encodePath, type LinkForm } from '../form.ts';

/** Gitea and Forgejo, Codeberg among them. */
export const gitea: LinkForm = {
  knows: (host) => /gitea|forgejo|(?:^|\.)codeberg\.org$/.test(host),
  pullMark: '#',
  commit: (base, sha) => `${base}/commit/${encodePath(sha)}`,
  issue: (base, number) => `${base}/issues/${number}`,
  pull: (base, number) => `${base}/pulls/${number}`,
  compare: (base, from, to) => `${base}/compare/${encodePath(from)}...${encodePath(to)}`,
  tag: (base, tag) => `${base}/releases/tag/${encodePath(tag)}`,
};
