/** Programs of a product's repository and of the worker's machine, run by argument list; by a shell only where that is asked for. */

import { z } from 'zod';
import { SCRIPT_TIMEOUTS_MS } from '../../release/policy/default-times.ts';
import type { ScriptSettings } from '../../release/settings.ts';
import * as field from './fields.ts';
import { splitCommand } from './split-command.ts';

const COMMAND = 'a command such as ops/test or npm test';
const LONGEST_SHELL_TEXT = 8_000;

const argumentList = z.tuple([field.repositoryPath], field.argument);

/** What is wrong with a command line, as a phrase after "expected"; undefined where nothing is. */
function findCommandProblem(line: string): string | undefined {
  const split = splitCommand(line);
  if ('problem' in split) return `${COMMAND}: ${split.problem}`;
  const program = field.repositoryPath.safeParse(split.words[0]);
  if (!program.success) return `${COMMAND}, whose program is ${program.error.issues[0]?.message}`;
  return split.words.every((word) => field.argument.safeParse(word).success)
    ? undefined
    : `${COMMAND}, with arguments of one line`;
}

const commandLine = z.string({ error: COMMAND }).superRefine((line, context) => {
  const problem = findCommandProblem(line);
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
});

const withOptions = z
  .strictObject({
    run: z
      .union([z.string(), argumentList], { error: 'a command, or a list of a program and its arguments' })
      .describe('The command, or a list of its program and arguments.'),
    shell: z
      .boolean()
      .optional()
      .describe(
        '`true`: `run` is a text for `sh -e`, of any number of lines. Its facts come in variables, as everywhere.',
      ),
    timeout: field.duration.optional().describe('Its time limit.'),
  })
  .superRefine(({ run, shell }, context) => {
    const wrong = (message: string) => context.addIssue({ code: 'custom', path: ['run'], message });
    if (shell !== true) {
      const problem = typeof run === 'string' ? findCommandProblem(run) : undefined;
      if (problem !== undefined) wrong(problem);
    } else if (typeof run !== 'string') wrong('a text for the shell: a list is for running without one');
    else if (run.trim() === '' || run.includes('\0') || run.length > LONGEST_SHELL_TEXT)
      wrong(`a text for the shell (at most ${LONGEST_SHELL_TEXT} characters)`);
  });

/**
 * `ops/test`, `npm test`, `[ops/test, --all]` or `{ run: …, shell: true, timeout: 10m }`. Without a time limit the
 * script's own default holds, see `SCRIPT_TIMEOUTS_MS`.
 */
export const scriptSchema = z.union([commandLine, argumentList, withOptions], {
  error: `${COMMAND}, a list of a program and its arguments, or { run, shell, timeout }`,
});

export type ScriptFile = z.output<typeof scriptSchema>;

/** A script with its arguments as a list and its limit in milliseconds. It must have passed the schema. */
export function readScript(script: ScriptFile, defaultTimeoutMs: number): ScriptSettings {
  if (typeof script === 'string' || Array.isArray(script))
    return { run: toWords(script), timeoutMs: defaultTimeoutMs };
  const timeoutMs = script.timeout ?? defaultTimeoutMs;
  if (script.shell === true && typeof script.run === 'string')
    return { run: [script.run], shell: true, timeoutMs };
  return { run: toWords(script.run), timeoutMs };
}

function toWords(run: string | [string, ...string[]]): [string, ...string[]] {
  if (typeof run !== 'string') return run;
  const split = splitCommand(run);
  return 'words' in split ? split.words : [run];
}

/** An object with one optional script per name. */
export function scriptsSchema<const N extends keyof typeof SCRIPT_TIMEOUTS_MS>(names: readonly N[]) {
  const shape = Object.fromEntries(names.map((name) => [name, describeScript(name)]));
  return z.strictObject(shape as Record<N, z.ZodOptional<typeof scriptSchema>>);
}

function describeScript(name: keyof typeof SCRIPT_TIMEOUTS_MS) {
  const minutes = SCRIPT_TIMEOUTS_MS[name] / 60_000;
  const limit = minutes < 1 ? `${minutes * 60}s` : `${minutes}m`;
  return scriptSchema.optional().describe(`${SCRIPT_PURPOSES[name]} Time limit: ${limit}.`);
}

/** What each script must do, as a sentence. */
export const SCRIPT_PURPOSES: Record<keyof typeof SCRIPT_TIMEOUTS_MS, string> = {
  build: 'Makes the artifact, once. An npm package without it is packed by `npm pack`.',
  test: 'The test suite. Always runs.',
  e2e: 'The full regression (end-to-end) suite.',
  load: 'The load test, by profile.',
  profile: 'The performance profile.',
  container: 'Builds the image.',
  backup: 'Backs up the database.',
  deploy: 'Puts the version on a slot or an instance; moves no traffic.',
  migrate: 'Applies the database migrations.',
  verify: 'Succeeds once the right version runs and is healthy.',
  smoke: "A short user's journey.",
  traffic: 'Sends a share of the traffic to a slot.',
  rollback: 'Makes the previous version take all traffic again.',
  restore: 'Puts a database backup back.',
  status: 'Reports what runs.',
  check: 'Measures one figure.',
  gate: 'A gate of your own.',
};
