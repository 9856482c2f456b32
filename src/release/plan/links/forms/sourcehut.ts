import { encodePath, type LinkForm } from '../form.ts';

/** SourceHut: no comparisons, and no issues or pull requests of a repository's own. */
export const sourcehut: LinkForm = {
  knows: (host) => host === 'git.sr.ht',
  pullMark: '#',
  commit: (base, sha) => `${base}/commit/${encodePath(sha)}`,
  issue: () => null,
  pull: () => null,
  compare: () => null,
  tag: (base, tag) => `${base}/refs/${encodePath(tag)}`,
};
