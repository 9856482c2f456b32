import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runInit } from '../../../../src/cli/init/init.ts';
import { createRepository, type TestRepository } from '../../../integrations/git/history-repository.ts';
import { PROGRAM, programPath } from '../../../support/program.ts';
import { say } from '../../cli-context.ts';
import type { Answer } from './ask-tools.ts';
import { layOut } from './lay-out.ts';
import { PROJECTS, type Project } from './projects.ts';

const ANSWERS: Answer[] = JSON.parse(readFileSync(new URL('answers.json', import.meta.url), 'utf8'));

let repository: TestRepository;
beforeEach(() => {
  repository = createRepository();
});
afterEach(() => repository.remove());

/** What `init` says, and the version that `plan` gives afterwards. */
async function moveOver(project: Project): Promise<{ said: string; next: string | null }> {
  layOut(repository, project);
  const { code, out, err } = await say(runInit, [], {}, repository.folder);
  expect([code, err]).toEqual([0, '']);
  const planned = spawnSync(PROGRAM, ['plan', project.product, '--json'], {
    cwd: repository.folder,
    env: { PATH: programPath(), HOME: repository.folder },
    encoding: 'utf8',
  });
  expect(planned.stderr).toBe('');
  return { said: out, next: JSON.parse(planned.stdout).next };
}

/** Which of the lines under "Planned otherwise" explains that the plan is another one, by the project. */
const EXPLAINED: Record<string, RegExp> = {
  'octokit/rest.js': /a commit that follows no convention: semantic-release passes over it/,
  'swagger-api/swagger-ui': /the version: release-it asks a person/,
  'open-feature/js-sdk':
    /a feature below 1\.0\.0: release-please \(bump-patch-for-minor-pre-major of packages\/web\)/,
  'emotion-js/emotion': /changeset files \(1 waiting\): changesets takes version and changelog from them/,
  'angular-ru/angular-ru-sdk': /a feature below 1\.0\.0: that tool moves the patch, Windlass the minor/,
  'jestjs/jest': /the version: lerna asks a person/,
  'cli/cli': /the version: GoReleaser takes the tag that a person sets/,
  'caddyserver/caddy': /the version: GoReleaser takes the tag that a person sets/,
};

describe('the plan after init is that of the tool of before, or init says why not', () => {
  it('for two projects of each tool', () => {
    const counts = Map.groupBy(PROJECTS, ({ tool }) => tool);
    expect([...counts.values()].map((projects) => projects.length)).toEqual(Array(7).fill(2));
    expect(ANSWERS.map(({ after }) => after)).toEqual(PROJECTS.map(({ after }) => after));
  });

  it.each(PROJECTS.map((project) => [project.tool, project.after, project] as const))(
    '%s, as %s has it',
    async (_, after, project) => {
      const theirs = ANSWERS.find((answer) => answer.after === after)?.next;
      const { said, next } = await moveOver(project);
      const because = EXPLAINED[after];
      if (because === undefined) expect(next).toBe(theirs);
      else {
        expect(next).not.toBe(theirs);
        const [, otherwise = ''] = said.split('\nPlanned otherwise than by the tool of before\n');
        expect(otherwise.split('\n\n')[0]).toMatch(because);
      }
    },
  );
});
