import { dependsOn, firstOf, type Repository } from '../look-at-repository.ts';
import { type Data, isData, listOf, partOf, textOf } from '../read-data.ts';
import { isTold } from './differences.ts';
import type { PeerFound } from './peer.ts';

const FILES = ['.release-it.json', '.release-it.yaml', '.release-it.yml'];
const PROGRAMS = [
  '.release-it.js',
  '.release-it.cjs',
  '.release-it.mjs',
  '.release-it.ts',
  '.release-it.toml',
];
const CHANGELOG = '@release-it/conventional-changelog';
const KEEP = '@release-it/keep-a-changelog';

/** https://github.com/release-it/release-it/tree/main/docs, with the keys of `config/release-it.json`. */
export function readReleaseIt(repository: Repository): PeerFound | null {
  const inPackage = repository.data('package.json')?.['release-it'];
  const file = firstOf(repository, FILES);
  const program = firstOf(repository, PROGRAMS);
  const options = file === undefined ? (isData(inPackage) ? inPackage : null) : repository.data(file);
  if (options === null && program === undefined && !dependsOn(repository, 'release-it')) return null;
  const plugins = partOf(options, 'plugins');
  const conventional = partOf(plugins, CHANGELOG);
  const found: PeerFound = {
    file: file ?? (options === null && program !== undefined ? program : 'package.json'),
    conventionalChangelog: CHANGELOG in plugins,
    common: { breakingBelowOne: conventional['strictSemVer'] === true ? 'minor' : 'major' },
    understood: [],
    differences: [],
    notTaken: [],
  };
  if (options === null) {
    if (program !== undefined)
      found.notTaken.push(`${program} is not read here (a program is never run): look at its keys yourself`);
    return found;
  }
  readGit(partOf(options, 'git'), found);
  const { npm } = options;
  readNpm(npm, found);
  const changelog = textOf(conventional['infile']) ?? textOf(partOf(plugins, KEEP)['filename']);
  if (changelog !== undefined) found.common.changelogFile = changelog;
  if (!(CHANGELOG in plugins)) found.differences.push(isTold('release-it asks a person for it'));
  for (const name of Object.keys(plugins)) {
    if (name !== CHANGELOG && name !== KEEP)
      found.notTaken.push(
        `plugin ${name}: what it does belongs into a script of yours, or is a step of Windlass`,
      );
  }
  if (Object.keys(partOf(options, 'hooks')).length > 0)
    found.notTaken.push('hooks: what must pass goes into scripts.test, what makes files into scripts.build');
  if (options['preReleaseId'] !== undefined)
    found.notTaken.push('preReleaseId: a release names its channel itself ("release_type")');
  return found;
}

function readGit(git: Data, found: PeerFound): void {
  const tagName = textOf(git['tagName']);
  // release-it's own mark is `${version}`; others need what only it knows.
  const format = tagName?.replace(/\$\{\s*version\s*\}/, '{version}');
  if (format?.includes('${')) found.notTaken.push('git.tagName: it holds more than the version');
  else if (format !== undefined) found.common.tagFormat = format;
  const branches = [git['requireBranch']].flat().flatMap((one) => textOf(one) ?? []);
  const [branch] = branches.filter((name) => /^[\w./-]+$/.test(name));
  if (branch !== undefined) found.branch = branch;
  if (branches.length > 1)
    found.notTaken.push(`git.requireBranch: of several, ${branch ?? 'none'} was taken ("release_branch")`);
  if (git['commitMessage'] !== undefined || git['tagAnnotation'] !== undefined)
    found.notTaken.push("git.commitMessage and tagAnnotation: the release commit's words are Windlass's own");
}

function readNpm(npm: unknown, found: PeerFound): void {
  if (npm === false || (isData(npm) && npm['publish'] === false)) found.common.publishes = false;
  if (!isData(npm)) return;
  const args = listOf(npm['publishArgs']).join(' ');
  if (/--access[= ]public/.test(args)) found.common.access = 'public';
  if (npm['publishPath'] !== undefined)
    found.notTaken.push('npm.publishPath: scripts.build decides what is packed');
}
