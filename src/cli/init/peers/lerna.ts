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
  const manifests = repository.files.filter((file) => /^[^/]+\/[^/]+\/package\.json$/.test(file));
  found.products = [
    {
      path: '',
      tagFormat: `${v}{version}`,
      publishes: false,
      ...(manifests.length === 0 ? {} : { versionFiles: manifests }),
    },
  ];
  found.notTaken.push(
    'one version for all packages: it is one product; have scripts.build make the packages, and publish them by a registry of the kind script',
    'lerna.json: name it under version_files, with the pattern around the version',
  );
  return found;
}

/** Where lerna looks for packages, unless the workspaces say it. */
export function listLernaGlobs(repository: Repository): unknown[] {
  const options = repository.data(FILE);
  if (options === null) return [];
  return options['packages'] === undefined ? ['packages/*'] : listOf(options['packages']);
}
