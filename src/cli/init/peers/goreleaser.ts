import { firstOf, type Repository } from '../look-at-repository.ts';
import { isData, partOf, textOf } from '../read-data.ts';
import { isTold } from './differences.ts';
import type { PeerFound } from './peer.ts';

const FILES = [
  '.config/goreleaser.yml',
  '.config/goreleaser.yaml',
  '.goreleaser.yml',
  '.goreleaser.yaml',
].concat(['goreleaser.yml', 'goreleaser.yaml']);
/** What it makes and where it puts that. */
const MADE = [
  'builds',
  'archives',
  'nfpms',
  'dockers',
  'dockers_v2',
  'brews',
  'homebrew_casks',
  'scoops',
  'snapcrafts',
];

/** https://goreleaser.com/customization; the version is the tag's, so it says nothing of how that is found. */
export function readGoReleaser(repository: Repository): PeerFound | null {
  const file = firstOf(repository, FILES);
  const options = file === undefined ? null : repository.data(file);
  if (file === undefined || options === null) return null;
  const name = textOf(options['project_name']);
  const monorepo = partOf(options, 'monorepo');
  const prefix = textOf(monorepo['tag_prefix']);
  const folder = textOf(monorepo['dir']);
  const found: PeerFound = {
    file,
    conventionalChangelog: false,
    products: [
      {
        path: folder ?? '',
        ...(name === undefined || /[{}]/.test(name) ? {} : { name }),
        // Go's own tools take `v1.2.3` only, behind the folder of a module that is not at the top.
        tagFormat: `${prefix?.replace(/v$/, '') ?? ''}v{version}`,
        publishes: false,
      },
    ],
    common: {},
    understood: [],
    differences: [isTold('GoReleaser takes the tag that a person sets')],
    notTaken: [],
  };
  const made = MADE.filter((key) => options[key] !== undefined);
  if (made.length > 0)
    found.notTaken.push(
      `${made.join(', ')}: have scripts.build run "goreleaser build" or "goreleaser release --skip=publish,announce", and publish by a registry of the kind script`,
    );
  if (
    isData(options['changelog']) &&
    (options['changelog']['filters'] ?? options['changelog']['groups']) !== undefined
  )
    found.notTaken.push('changelog.filters and groups: changelog.rules gives commits a type');
  if (isData(options['before'])) found.notTaken.push('before.hooks: they belong into scripts.build');
  for (const key of ['signs', 'docker_signs', 'sboms', 'publishers', 'announce']) {
    if (options[key] !== undefined) found.notTaken.push(`${key}: has no counterpart here`);
  }
  return found;
}
