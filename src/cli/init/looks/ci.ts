/** What the workflows of a CI tell of a repository: how it is tested, what releases it, where it is deployed. */
import * as field from '../../../config/schema/fields.ts';
import type { Repository } from '../look-at-repository.ts';
import { BrokenFile, type Data, isData, listOf, textOf } from '../read-data.ts';

export interface CiFound {
  /** Files that were read, from the top. */
  files: string[];
  /** The first plain command that runs tests. */
  testCommand: string | null;
  /** Tools that release today, each with the file that runs it. */
  releasing: { tool: string; file: string }[];
  /** Environments that jobs deploy to, with their address where it is plain. */
  environments: { name: string; url: string | null }[];
  /** Names of the secrets that jobs read; never a value. */
  secretNames: string[];
  /** Sentences about files that are broken. */
  notTaken: string[];
}

const TESTS =
  /^(?:(?:npm|pnpm|yarn|bun)(?: run)? test|(?:go|cargo|deno|mix|dotnet) test|(?:python3? -m )?pytest|make (?:test|check)|(?:\.\/)?(?:mvnw?|gradlew?) (?:test|verify|check)|bundle exec (?:rspec|rake))\b[\w ./:=,-]*$/;

const RELEASING: Readonly<Record<string, RegExp>> = {
  'semantic-release': /(?:^|[\s/])semantic-release(?:-action)?(?:[\s@]|$)/,
  'release-it': /(?:^|[\s/])release-it(?:[\s@]|$)/,
  'release-please': /release-please/,
  changesets: /changesets\/action|(?:^|\s)changeset (?:publish|version)/,
  'standard-version': /(?:^|[\s/])(?:standard-version|commit-and-tag-version)(?:[\s@]|$)/,
  lerna: /(?:^|\s)lerna (?:publish|version)/,
  GoReleaser: /goreleaser/,
  'npm publish': /(?:^|\s)(?:npm|pnpm|yarn)(?: npm)? publish|(?:^|\/)npm-publish@/,
};

/** Words that GitLab gives a meaning of its own at the top of its file. */
const NO_JOBS = ['stages', 'variables', 'include', 'default', 'workflow', 'image', 'services', 'cache'];

interface Job {
  /** Lines of shell, and actions that are used. */
  lines: string[];
  environment: unknown;
}

/** Reads GitHub's and GitLab's workflows by their documented keys. Nothing of them is run. */
export function lookAtCi(repository: Repository): CiFound {
  const found: CiFound = {
    ...{ files: [], testCommand: null, releasing: [], environments: [], secretNames: [], notTaken: [] },
  };
  const workflows = repository.files.filter((file) => /^\.github\/workflows\/[^/]+\.ya?ml$/.test(file));
  for (const file of workflows) look(file, repository, found, jobsOfGitHub);
  if (repository.files.includes('.gitlab-ci.yml')) look('.gitlab-ci.yml', repository, found, jobsOfGitLab);
  return found;
}

function look(file: string, repository: Repository, found: CiFound, jobsOf: (data: Data) => Job[]): void {
  try {
    const data = repository.data(file);
    if (data === null) return;
    found.files.push(file);
    for (const job of jobsOf(data)) takeJob(job, file, found);
    for (const name of namesOfSecrets(data))
      if (!found.secretNames.includes(name)) found.secretNames.push(name);
  } catch (error) {
    if (!(error instanceof BrokenFile)) throw error;
    found.notTaken.push(error.message);
  }
}

function takeJob({ lines, environment }: Job, file: string, found: CiFound): void {
  found.testCommand ??= lines.find((line) => TESTS.test(line)) ?? null;
  for (const [tool, pattern] of Object.entries(RELEASING)) {
    const isKnown = found.releasing.some((one) => one.tool === tool && one.file === file);
    if (!isKnown && lines.some((line) => pattern.test(line))) found.releasing.push({ tool, file });
  }
  const name = textOf(isData(environment) ? environment['name'] : environment);
  if (name === undefined || !field.environmentName.safeParse(name).success) return;
  const url = field.url.safeParse(isData(environment) ? environment['url'] : undefined).data ?? null;
  const known = found.environments.find((one) => one.name === name);
  if (known) known.url ??= url;
  else found.environments.push({ name, url });
}

function jobsOfGitHub(data: Data): Job[] {
  const jobs = isData(data['jobs']) ? Object.values(data['jobs']).filter(isData) : [];
  return jobs.map((job) => ({
    lines: listOf(job['steps'])
      .filter(isData)
      .flatMap((step) => linesOf([step['run'], step['uses']])),
    environment: job['environment'],
  }));
}

function jobsOfGitLab(data: Data): Job[] {
  return Object.entries(data)
    .filter(([name]) => !NO_JOBS.includes(name))
    .flatMap(([, job]) => (isData(job) ? [job] : []))
    .map(({ before_script: before, script, environment }) => ({
      lines: linesOf([before, script].flatMap((value) => textOf(value) ?? listOf(value))),
      environment,
    }));
}

function linesOf(values: unknown[]): string[] {
  return values
    .flatMap((value) => textOf(value)?.split('\n') ?? [])
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** GitHub's `secrets.NAME`, and what is masked or protected in GitLab only by its usual name. */
function namesOfSecrets(data: Data): string[] {
  const texts: string[] = [];
  const walk = (value: unknown, depth: number): void => {
    if (typeof value === 'string') texts.push(value);
    else if (typeof value === 'object' && value !== null && depth < 12)
      for (const inner of Object.values(value)) walk(inner, depth + 1);
  };
  walk(data, 0);
  return texts.flatMap((text) =>
    [...text.matchAll(/\bsecrets\.([A-Z][A-Z0-9_]{1,60})\b/g)].map(([, name]) => name!),
  );
}
