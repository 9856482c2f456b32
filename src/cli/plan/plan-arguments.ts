import { resolve } from 'node:path';
import type { Bump } from '../../release/names.ts';
import { ASKED_BUMPS, CHANGELOG_FORMATS } from '../../release/names.ts';
import type { ChangelogFormat } from '../../release/plan/changelog/changelog.ts';
import { normalizeTagFormat } from '../../release/plan/tag-format.ts';
import { isVersion } from '../../release/plan/version.ts';
import { misuseOf } from '../line/cli-problem.ts';
import { readArguments } from '../line/read-arguments.ts';

export const HELP = `windlass plan: infer the next version, and write its changelog and release notes

windlass plan [PRODUCT]    PRODUCT: plan it by its configuration (path, tag format, rules, files …)

  --repo PATH              a folder inside the git repository (default: the current folder)
  --config FILE            the configuration that names PRODUCT
  --from TAG               count from this release tag (default: the highest one that --to contains)
  --to REF                 what would be released (default: HEAD)
  --bump auto|major|minor|patch
  --version V              exactly this version
  --prerelease ID          plan a pre-release, such as rc
  --tag-format F           v{version}, {version}, name@{version}, name-v{version} (default: as the tags are)
  --path FOLDER            only commits that touch it count; given again: what is also part of the product
                           (default: the package whose folder this is run in)
  --exclude PATH           what is inside and no part of it; may be given again
  --links FORM             auto, none, or the host's form: github, gitlab, gitea, bitbucket, azure-devops …
  --format keep-a-changelog|conventional-commits
  --no-prs                 leave numbers of pull requests out
  --no-breaking-section    mark what breaks instead of listing it in a section
  --all                    the whole history's changelog
  --json                   one JSON object
  --write                  update changelog and version files in the work tree
  --nothing-exit CODE      exit with this code where nothing calls for a release (default: 0)
`;

/** What the command line says; null where it says nothing. */
export interface PlanArguments {
  product: string | null;
  repository: string | null;
  config: string | undefined;
  from: string | null;
  to: string | null;
  bump: Bump | 'auto' | null;
  version: string | null;
  prerelease: string | null;
  tagFormat: string | null;
  paths: string[];
  excludePaths: string[];
  links: string | null;
  format: ChangelogFormat | null;
  includePullRequests: false | null;
  breakingSection: false | null;
  all: boolean;
  json: boolean;
  write: boolean;
  nothingExit: number;
}

/** Reads what stands behind `plan`. @throws CliProblem with every mistake at once */
export function readPlanArguments(argv: string[]): PlanArguments | 'help' {
  const read = readArguments(
    {
      command: 'plan',
      optional: 'PRODUCT',
      options: [
        'repo',
        'config',
        'from',
        'to',
        'bump',
        'version',
        'prerelease',
        'tag-format',
        'links',
        'format',
        'nothing-exit',
      ],
      repeatable: ['path', 'exclude'],
      switches: ['no-prs', 'no-breaking-section', 'all', 'json', 'write'],
    } as const,
    argv,
  );
  if (read === 'help') return 'help';
  const { operands, options, switches, lists } = read;
  const mistakes: string[] = [];
  const oneOf = <T extends string>(name: keyof typeof options, allowed: readonly T[]): T | null => {
    const value = options[name];
    if (value === undefined) return null;
    const known = allowed.find((candidate) => candidate === value);
    if (known === undefined) mistakes.push(`--${name} ${value}: must be one of ${allowed.join(', ')}.`);
    return known ?? null;
  };
  const ref = (name: keyof typeof options): string | null => {
    const value = options[name] ?? null;
    if (value?.startsWith('-') === true)
      mistakes.push(`--${name} ${value}: a branch, tag or commit cannot begin with "-".`);
    return value;
  };
  const prerelease = options.prerelease ?? null;
  if (prerelease !== null && !/^(?:\d*[A-Za-z-][0-9A-Za-z-]*)$/.test(prerelease)) {
    mistakes.push(
      `--prerelease ${prerelease}: an identifier has letters, digits and hyphens only, such as rc or beta.`,
    );
  }
  const version = options.version ?? null;
  if (version !== null && !isVersion(version))
    mistakes.push(`--version ${version}: a semantic version has three numbers, such as 2.0.0 or 2.0.0-rc.1.`);
  const nothingExit = options['nothing-exit'] ?? '0';
  if (!/^\d{1,3}$/.test(nothingExit) || Number(nothingExit) > 255)
    mistakes.push(`--nothing-exit ${nothingExit}: an exit code is a number from 0 to 255.`);
  const tagFormat = options['tag-format'] ?? null;
  if (tagFormat !== null) {
    try {
      normalizeTagFormat(tagFormat, 'name');
    } catch (error) {
      mistakes.push((error as Error).message);
    }
  }
  const args: PlanArguments = {
    product: operands[0] ?? null,
    repository: options.repo === undefined ? null : resolve(options.repo),
    config: options.config,
    from: ref('from'),
    to: ref('to'),
    bump: oneOf('bump', ASKED_BUMPS),
    version,
    prerelease,
    tagFormat,
    paths: lists.path,
    excludePaths: lists.exclude,
    links: options.links ?? null,
    format: oneOf('format', CHANGELOG_FORMATS),
    includePullRequests: switches['no-prs'] ? false : null,
    breakingSection: switches['no-breaking-section'] ? false : null,
    all: switches.all,
    json: switches.json,
    write: switches.write,
    nothingExit: Number(nothingExit),
  };
  if (mistakes.length > 0) throw misuseOf('plan', mistakes);
  return args;
}
