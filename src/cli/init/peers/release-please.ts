import { posix } from 'node:path';
import type { Repository } from '../look-at-repository.ts';
import { type Data, listOf, partOf, textOf } from '../read-data.ts';
import { beginsWith, movesPatch, passesOver } from './differences.ts';
import type { PeerFound, PeerProduct } from './peer.ts';

const FILE = 'release-please-config.json';
const LEFT = [
  'changelog-sections',
  'plugins',
  'pull-request-title-pattern',
  'group-pull-request-title-pattern',
];

/** https://github.com/googleapis/release-please/blob/main/docs/manifest-releaser.md */
export function readReleasePlease(repository: Repository, ranBy: string | null): PeerFound | null {
  const options = repository.data(FILE);
  if (options === null && ranBy === null) return null;
  const found: PeerFound = {
    file: options === null ? (ranBy ?? FILE) : FILE,
    conventionalChangelog: true,
    common: {},
    products: [],
    understood: [],
    differences: [passesOver('release-please'), beginsWith('release-please', '1.0.0 or its initial-version')],
    notTaken: ['the release pull request: Windlass asks people at gates instead of by a merge'],
  };
  if (options === null) {
    // Without a manifest the action releases the repository as one package, whose name is not in its tags.
    found.products = [{ path: '', tagFormat: 'v{version}', breakingBelowOne: 'major' }];
    found.notTaken.push(
      `${ranBy}: what it tells release-please (release-type, package-name) was not looked up`,
    );
    return found;
  }
  for (const key of LEFT) {
    if (options[key] !== undefined) found.notTaken.push(`${key}: has no counterpart`);
  }
  const packages = partOf(options, 'packages');
  for (const path of Object.keys(packages)) {
    found.products?.push(readPackage(path, { ...options, ...partOf(packages, path) }, repository, found));
  }
  return found;
}

function readPackage(written: string, keys: Data, repository: Repository, found: PeerFound): PeerProduct {
  const path = posix.normalize(written).replace(/^\.$|\/$/, '');
  const manifest = repository.data(posix.join(path, 'package.json'));
  const packageName = textOf(keys['package-name']) ?? textOf(manifest?.['name']);
  const component = textOf(keys['component']) ?? packageName?.replace(/^@[^/]*\//, '') ?? '';
  const named = keys['include-component-in-tag'] !== false && component !== '';
  const separator = textOf(keys['tag-separator']) ?? '-';
  const v = keys['include-v-in-tag'] === false ? '' : 'v';
  const changelogFile = textOf(keys['changelog-path']);
  const name = packageName ?? (component === '' ? undefined : component);
  const type = textOf(keys['prerelease-type']);
  if (listOf(keys['extra-files']).length > 0)
    found.notTaken.push(
      `extra-files of ${written}: name them under version_files, with the pattern around the version`,
    );
  if (keys['bump-patch-for-minor-pre-major'] === true)
    found.differences.push(movesPatch(`release-please (bump-patch-for-minor-pre-major of ${written})`));
  const excluded = listOf(keys['exclude-paths']).flatMap((one) => textOf(one) ?? []);
  return {
    path,
    ...(name === undefined ? {} : { name }),
    tagFormat: `${named ? component + separator : ''}${v}{version}`,
    breakingBelowOne: keys['bump-minor-pre-major'] === true ? 'minor' : 'major',
    ...(changelogFile === undefined ? {} : { changelogFile }),
    ...(keys['release-type'] === 'node' || keys['release-type'] === undefined ? {} : { publishes: false }),
    ...(keys['prerelease'] === true && type !== undefined
      ? { releaseType: type.replace(/[.\d]+$/, '') }
      : {}),
    ...(excluded.length === 0 ? {} : { excludePaths: excluded }),
  };
}
