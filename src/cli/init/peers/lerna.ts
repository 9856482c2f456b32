import { findPackages, listWorkspaceGlobs } from '../find-packages.ts';
import type { Repository } from '../look-at-repository.ts';
import { listOf, partOf, textOf } from '../read-data.ts';
import { isTold, movesPatch } from './differences.ts';
import type { PeerFound } from './peer.ts';

const FILE = 'lerna.json';

/** https://lerna.js.org/docs/api-reference/configuration, with the options of `lerna version` and `lerna publish`. */
export function readLerna(repository: Repository): PeerFound | null {
  const options = repository.data(FILE);
  if (options === null) return null;
  const commands = partOf(options, 'command');
  const version = partOf(commands, 'version');
  const publish = partOf(commands, 'publish');
  const isConventional = version['conventionalCommits'] === true || options['conventionalCommits'] === true;
  const [branch] = [version['allowBranch']].flat().flatMap((one) => textOf(one) ?? []);
  const prefix = version['tagVersionPrefix'] ?? options['tagVersionPrefix'];
  const v = typeof prefix === 'string' ? prefix : 'v';
  const found: PeerFound = {
    file: FILE,
    ...(branch === undefined || /[*+!]/.test(branch) ? {} : { branch }),
    conventionalChangelog: isConventional,
    // Lerna goes by semver's rule for what is below 1.0.0, one step lower each.
    common: { breakingBelowOne: 'minor' },
    understood: [],
    differences: [movesPatch('lerna')],
    notTaken: [],
  };
  if (!isConventional) found.differences = [isTold('lerna asks a person for it')];
  for (const key of ['ignoreChanges', 'changelogPreset', 'preid', 'distTag', 'message', 'exact']) {
    if ([options, version, publish].some((part) => part[key] !== undefined))
      found.notTaken.push(`${key}: has no counterpart`);
  }
  if (options['version'] === 'independent') {
    found.packageTags = '{name}@{version}';
    return found;
  }
  const manifests = findPackages(repository, listLernaGlobs(repository))
    .map((path) => `${path}/package.json`)
    .filter((file) => textOf(repository.data(file)?.['version']) !== undefined);
  found.products = [
    {
      path: '',
      tagFormat: `${v}{version}`,
      publishes: false,
      versionFiles: [FILE, ...manifests],
    },
  ];
  found.notTaken.push(
    'one version for all packages: it is one product; have scripts.build make the packages, and publish them by a registry of the kind script',
  );
  return found;
}

/** Where lerna looks for packages: by its own file, else by npm's or pnpm's workspaces. */
export function listLernaGlobs(repository: Repository): unknown[] {
  const options = repository.data(FILE);
  if (options === null) return [];
  const workspaces = listWorkspaceGlobs(repository);
  if (options['packages'] !== undefined) return listOf(options['packages']);
  return workspaces.length > 0 ? workspaces : ['packages/*'];
}
