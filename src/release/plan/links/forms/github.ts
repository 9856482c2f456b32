import { encodePath, type LinkForm } from '../form.ts';

/** GitHub, its enterprise servers and data residency (`*.ghe.com`). */
export const github: LinkForm = {
  knows: (host) => /(?:^|[.-])github(?:[.-]|$)|\.ghe\.com$/.test(host),
  pullMark: '#',
  commit: (base, sha) => `${base}/commit/${encodePath(sha)}`,
  issue: (base, number) => `${base}/issues/${number}`,
  pull: (base, number) => `${base}/pull/${number}`,
  compare: (base, from, to) => `${base}/compare/${encodePath(from)}...${encodePath(to)}`,
  tag: (base, tag) => `${base}/releases/tag/${encodePath(tag)}`,
};
