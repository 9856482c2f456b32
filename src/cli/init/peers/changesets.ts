import type { Repository } from '../look-at-repository.ts';
import { listOf, textOf } from '../read-data.ts';
import type { PeerFound } from './peer.ts';

const FILE = '.changeset/config.json';

/** https://github.com/changesets/changesets/blob/main/docs/config-file-options.md */
export function readChangesets(repository: Repository): PeerFound | null {
  const options = repository.data(FILE);
  if (options === null) return null;
  const pending = repository.files.filter(
    (file) => /^\.changeset\/[^/]+\.md$/.test(file) && !/README\.md$/i.test(file),
  ).length;
  const branch = textOf(options['baseBranch']);
  const found: PeerFound = {
    file: FILE,
    ...(branch === undefined ? {} : { branch }),
    conventionalChangelog: false,
    common: {
      access: options['access'] === 'public' ? 'public' : 'restricted',
      // A changeset says "major" itself, at any version.
      breakingBelowOne: 'major',
    },
    packageTags: '{name}@{version}',
    understood: [],
    differences: [
      {
        subject: `changeset files${pending === 0 ? '' : ` (${pending} waiting)`}`,
        theirs: 'changesets takes version and changelog from them',
        ours: 'Windlass from the commits: release what waits with changesets first',
      },
    ],
    notTaken: [],
  };
  for (const key of ['fixed', 'linked', 'ignore'] as const) {
    if (listOf(options[key]).length > 0)
      found.notTaken.push(
        `${key}: each product has a version of its own${key === 'ignore' ? '; take ignored ones out of the file' : ''}`,
      );
  }
  return found;
}
