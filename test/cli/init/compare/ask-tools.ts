/**
 * What each project's own tool would release next, asked of the tool itself: `node ask-tools.ts FOLDER…`, where each
 * folder holds tools that `npm install` put there. Writes `answers.json`, which the tests compare with. Run it by hand
 * when a tool or a project changes. Nothing is pushed or published: the remote is a folder.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { createRepository, type TestRepository } from '../../../integrations/git/history-repository.ts';
import { layOut } from './lay-out.ts';
import { PROJECTS, type Project, type Tool } from './projects.ts';

/** What the tool made of a project: a version, or null for no release. */
export interface Answer {
  after: string;
  /** The tool with its version, or by which page of its documentation. */
  by: string;
  next: string | null;
}

const folders = process.argv.slice(2).map((one) => resolve(one));

function find(name: string): { folder: string; version: string } {
  const folder = folders.map((one) => join(one, 'node_modules', name)).find((one) => existsSync(one));
  if (folder === undefined) throw new Error(`${name} is in none of the folders.`);
  return { folder, version: JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version };
}

function run(repository: TestRepository, name: string, args: string[]): string {
  const { folder } = find(name);
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const program = join(folder, typeof bin === 'string' ? bin : String(Object.values(bin)[0]));
  const env = { PATH: process.env['PATH'], HOME: repository.folder, CI: '', GIT_CONFIG_NOSYSTEM: '1' };
  const identity = {
    GIT_AUTHOR_NAME: 'x',
    GIT_AUTHOR_EMAIL: 'x@x',
    GIT_COMMITTER_NAME: 'x',
    GIT_COMMITTER_EMAIL: 'x@x',
  };
  const ran = spawnSync(process.execPath, [program, ...args], {
    cwd: repository.folder,
    env: { ...env, ...identity },
    encoding: 'utf8',
    timeout: 120_000,
  });
  return `${ran.stdout}\n${ran.stderr}`;
}

const match = (text: string, expression: RegExp): string | null => expression.exec(text)?.[1] ?? null;
const versionOf = (repository: TestRepository, { at = '' }: Project): string =>
  JSON.parse(readFileSync(join(repository.folder, at, 'package.json'), 'utf8')).version;

const ASK: Record<
  Tool,
  (repository: TestRepository, project: Project) => string | null | Promise<string | null>
> = {
  'semantic-release': (repository) => {
    const remote = pathToFileURL(repository.git('remote', 'get-url', 'origin')).href;
    const out = run(repository, 'semantic-release', [
      ...['--dry-run', '--no-ci', '--repository-url', remote, '--branches', 'main'],
      ...['--plugins', '@semantic-release/commit-analyzer'],
    ]);
    if (/no release|There are no relevant changes/.test(out)) return null;
    return match(out, /The next release version is (\S+)/) ?? fail(out);
  },
  'release-it': (repository) => {
    const out = run(repository, 'release-it', ['--ci', '--release-version', '--no-git.requireUpstream']);
    return match(out, /^(\d+\.\d+\.\d+\S*)$/m) ?? fail(out);
  },
  'release-please': async (_repository, project) => {
    // Its command asks GitHub for everything, so its own rules are asked, with the project's keys.
    const load = createRequire(join(find('release-please').folder, 'package.json'));
    const { DefaultVersioningStrategy } = load('./build/src/versioning-strategies/default');
    const { parseConventionalCommits } = load('./build/src/commit');
    const { Version } = load('./build/src/version');
    const keys = project.files['release-please-config.json'] as Record<string, unknown>;
    const strategy = new DefaultVersioningStrategy({
      bumpMinorPreMajor: keys['bump-minor-pre-major'] === true,
      bumpPatchForMinorPreMajor: keys['bump-patch-for-minor-pre-major'] === true,
    });
    const commits = project.commits.map((message, number) => ({ sha: String(number), message }));
    return strategy.bump(Version.parse(project.version), parseConventionalCommits(commits)).toString();
  },
  changesets: (repository, project) => {
    run(repository, '@changesets/cli', ['version']);
    return versionOf(repository, project);
  },
  'commit-and-tag-version': (repository) => {
    const out = run(repository, 'commit-and-tag-version', ['--dry-run']);
    return match(out, /tagging release v(\S+)/) ?? fail(out);
  },
  lerna: (repository, project) => {
    run(repository, 'lerna', ['version', '--yes', '--no-push', '--no-git-tag-version', '--no-changelog']);
    const at = project.at ?? 'packages/core/';
    const now = versionOf(repository, { ...project, at });
    // Where it would ask a person, and there is none, nothing is changed.
    return now === project.version ? null : now;
  },
  // It takes the tag that a person has set (goreleaser.com/customization/templates: "Version, the tag without v").
  GoReleaser: () => null,
};

function fail(out: string): never {
  throw new Error(`The tool said no version:\n${out}`);
}

const answers: Answer[] = [];
for (const project of PROJECTS) {
  const repository = createRepository();
  const remote = `${repository.folder}-remote.git`;
  try {
    layOut(repository, project);
    execFileSync('git', ['clone', '--quiet', '--bare', repository.folder, remote]);
    repository.git('remote', 'add', 'origin', remote);
    repository.git('fetch', '--quiet', 'origin');
    repository.git('branch', '--quiet', '--set-upstream-to=origin/main');
    const packages: Partial<Record<Tool, string>> = { changesets: '@changesets/cli' };
    const name = packages[project.tool] ?? project.tool;
    const by =
      project.tool === 'GoReleaser'
        ? 'its documentation: the version is the tag that a person sets'
        : `${name} ${find(name).version}`;
    answers.push({ after: project.after, by, next: await ASK[project.tool](repository, project) });
    console.log(answers.at(-1));
  } finally {
    repository.remove();
    rmSync(remote, { recursive: true, force: true });
  }
}
writeFileSync(
  fileURLToPath(new URL('answers.json', import.meta.url)),
  `${JSON.stringify(answers, undefined, 2)}\n`,
);
