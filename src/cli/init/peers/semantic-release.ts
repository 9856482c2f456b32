import { dependsOn, firstOf, type Repository } from '../look-at-repository.ts';
import { type Data, isData, listOf, textOf } from '../read-data.ts';
import { beginsWith, passesOver } from './differences.ts';
import type { PeerFound } from './peer.ts';

const FILES = ['.releaserc', '.releaserc.json', '.releaserc.yaml', '.releaserc.yml'];
const PROGRAMS = ['.js', '.cjs', '.mjs', '.ts'].flatMap((end) => [
  `.releaserc${end}`,
  `release.config${end}`,
]);
/** Plugins whose work Windlass does itself. */
const OWN_WORK = new Set([
  '@semantic-release/commit-analyzer',
  '@semantic-release/release-notes-generator',
  '@semantic-release/changelog',
  '@semantic-release/npm',
  '@semantic-release/git',
  '@semantic-release/github',
  '@semantic-release/gitlab',
  '@saithodev/semantic-release-gitea',
]);

/** https://semantic-release.gitbook.io/semantic-release/usage/configuration */
export function readSemanticRelease(repository: Repository, ranBy: string | null): PeerFound | null {
  const inPackage = repository.data('package.json')?.['release'];
  const file = firstOf(repository, FILES);
  const program = firstOf(repository, PROGRAMS);
  const plain = file === undefined ? null : repository.data(file);
  const options: Data | null = plain ?? (isData(inPackage) ? inPackage : null);
  const isDependedOn = dependsOn(repository, 'semantic-release');
  if (options === null && program === undefined && !isDependedOn && ranBy === null) return null;
  const found: PeerFound = {
    file:
      file ??
      (options === null ? (program ?? (isDependedOn ? 'package.json' : ranBy)) : null) ??
      'package.json',
    conventionalChangelog: true,
    // semantic-release makes 1.0.0 of the first breaking change.
    common: { tagFormat: 'v{version}', breakingBelowOne: 'major' },
    understood: [],
    differences: [passesOver('semantic-release'), beginsWith('semantic-release', '1.0.0')],
    notTaken: [],
  };
  if (options === null) {
    if (program !== undefined)
      found.notTaken.push(`${program} is a program, which is never run here: look at its keys yourself`);
    else if (ranBy !== null)
      found.notTaken.push(`${ranBy}: what it tells semantic-release (branches, plugins) was not looked up`);
    return found;
  }
  const tagFormat = textOf(options['tagFormat']);
  if (tagFormat !== undefined) found.common.tagFormat = tagFormat.replace(/\$\{\s*version\s*\}/, '{version}');
  if (options['extends'] !== undefined)
    found.notTaken.push('extends: what a shared configuration says was not looked up');
  readBranches(options['branches'], found);
  for (const plugin of listOf(options['plugins'])) readPlugin(plugin, found);
  return found;
}

function readBranches(value: unknown, found: PeerFound): void {
  const branches = (Array.isArray(value) ? value : value === undefined ? [] : [value]).map((one) =>
    isData(one) ? one : { name: one },
  );
  const plain = branches.filter(({ name, ...more }) => {
    const isPlain = typeof name === 'string' && /^[\w./-]+$/.test(name);
    return isPlain && !('prerelease' in more) && !('range' in more) && !/\.x$|^next/.test(name);
  });
  const name = textOf(plain[0]?.['name']);
  if (name !== undefined) found.branch = name;
  const others = branches
    .filter((one) => one !== plain[0])
    .flatMap((one) => (typeof one['name'] === 'string' ? [one['name']] : []));
  if (others.length > 0) {
    found.notTaken.push(
      `branches ${others.join(', ')}: a release names its branch and channel itself ("release_branch", "release_type")`,
    );
  }
}

function readPlugin(plugin: unknown, found: PeerFound): void {
  const name = textOf(Array.isArray(plugin) ? plugin[0] : plugin);
  const options: Data = Array.isArray(plugin) && isData(plugin[1]) ? plugin[1] : {};
  if (name === undefined) return;
  if (!OWN_WORK.has(name)) {
    found.notTaken.push(
      `plugin ${name}: what it does belongs into a script of yours, or is a step of Windlass`,
    );
    return;
  }
  if (name === '@semantic-release/changelog') {
    const file = textOf(options['changelogFile']);
    if (file !== undefined) found.common.changelogFile = file;
  }
  if (name === '@semantic-release/npm') {
    if (options['npmPublish'] === false) found.common.publishes = false;
    if (options['pkgRoot'] !== undefined)
      found.notTaken.push('npm pkgRoot: scripts.build decides what is packed');
  }
  if (name === '@semantic-release/commit-analyzer' && options['releaseRules'] !== undefined) {
    found.notTaken.push(
      'releaseRules: Windlass goes by Conventional Commits (feat: minor, fix and perf: patch, breaking: major); changelog.rules can give commits a type',
    );
  }
  if (name === '@semantic-release/git' && options['message'] !== undefined)
    found.notTaken.push("git message: the release commit's words are Windlass's own");
}
