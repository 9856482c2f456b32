import { dependsOn, firstOf, type Repository } from '../look-at-repository.ts';
import { isData, listOf, textOf } from '../read-data.ts';
import { movesPatch } from './differences.ts';
import type { PeerFound } from './peer.ts';

const FILES = ['.versionrc', '.versionrc.json'];
const PROGRAMS = ['.versionrc.js', '.versionrc.cjs', '.versionrc.mjs'];
const TOOLS = ['standard-version', 'commit-and-tag-version'];

/** https://github.com/absolute-version/commit-and-tag-version#configuration, which standard-version's is a part of. */
export function readStandardVersion(repository: Repository): PeerFound | null {
  const manifest = repository.data('package.json') ?? {};
  const inPackage = TOOLS.map((tool) => manifest[tool]).find(isData);
  const file = firstOf(repository, FILES);
  const program = firstOf(repository, PROGRAMS);
  const options = file === undefined ? inPackage : (repository.data(file) ?? undefined);
  const isUsed = TOOLS.some((tool) => dependsOn(repository, tool));
  if (options === undefined && program === undefined && !isUsed) return null;
  const infile = textOf(options?.['infile']);
  const prefix = options?.['tagPrefix'];
  const found: PeerFound = {
    file: file ?? (options === undefined && program !== undefined ? program : 'package.json'),
    conventionalChangelog: true,
    common: {
      tagFormat: `${typeof prefix === 'string' ? prefix : 'v'}{version}`,
      // conventional-recommended-bump's preMajor, which both tools set below 1.0.0.
      breakingBelowOne: 'minor',
      ...(infile === undefined ? {} : { changelogFile: infile }),
    },
    understood: [],
    differences: [movesPatch('that tool')],
    notTaken: [],
  };
  if (options === undefined && program !== undefined)
    found.notTaken.push(`${program} is a program, which is never run here: look at its keys yourself`);
  const files = listOf(options?.['bumpFiles']).map((one) => textOf(isData(one) ? one['filename'] : one));
  const json = files.filter((name): name is string => name?.endsWith('package.json') === true);
  if (json.length > 0) found.common.versionFiles = json;
  const others = files.filter(
    (name) => name !== undefined && !json.includes(name) && !/lock|shrinkwrap/.test(name),
  );
  if (others.length > 0)
    found.notTaken.push(
      `bumpFiles ${others.join(', ')}: name them under version_files, with the pattern around the version`,
    );
  for (const key of ['types', 'scripts', 'skip', 'releaseCommitMessageFormat']) {
    if (options?.[key] !== undefined) found.notTaken.push(`${key}: has no counterpart`);
  }
  return found;
}
