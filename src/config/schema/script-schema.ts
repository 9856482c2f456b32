/** Programs of a product's repository, run by argument list and never by a shell. */
import { z } from 'zod';
import type { ScriptSettings } from '../../release/settings.ts';
import * as field from './fields.ts';

const argumentList = z.tuple([field.repositoryPath], field.argument);

/**
 * `ops/test`, `[ops/test, --all]` or `{ run: …, timeout: 10m }`. Without a time limit the script's own default
 * holds, see `DEFAULT_TIMEOUTS`.
 */
export const scriptSchema = z.union(
  [
    field.repositoryPath,
    argumentList,
    z.strictObject({
      run: z
        .union([field.repositoryPath, argumentList], {
          error: 'a path, or a list of a path and its arguments',
        })
        .describe('The program, or a list of it and its arguments.'),
      timeout: field.duration.optional().describe('Its time limit.'),
    }),
  ],
  { error: 'a path in the repository, a list of it and its arguments, or { run, timeout }' },
);

export type ScriptFile = z.output<typeof scriptSchema>;

/** How long each script may take where nothing is said, in milliseconds. */
export const DEFAULT_TIMEOUTS = {
  build: 15 * 60_000,
  test: 30 * 60_000,
  e2e: 30 * 60_000,
  load: 30 * 60_000,
  profile: 30 * 60_000,
  container: 30 * 60_000,
  backup: 60 * 60_000,
  deploy: 10 * 60_000,
  migrate: 30 * 60_000,
  verify: 5 * 60_000,
  smoke: 5 * 60_000,
  traffic: 60_000,
  rollback: 10 * 60_000,
  restore: 60 * 60_000,
  status: 30_000,
  check: 30_000,
  gate: 30 * 60_000,
} as const;

/** A script with its arguments as a list and its limit in milliseconds. */
export function readScript(script: ScriptFile, defaultTimeoutMs: number): ScriptSettings {
  if (typeof script === 'string') return { run: [script], timeoutMs: defaultTimeoutMs };
  if (Array.isArray(script)) return { run: script, timeoutMs: defaultTimeoutMs };
  const run: [string, ...string[]] = typeof script.run === 'string' ? [script.run] : script.run;
  return { run, timeoutMs: script.timeout ?? defaultTimeoutMs };
}

/** An object with one optional script per name. */
export function scriptsSchema<const N extends keyof typeof DEFAULT_TIMEOUTS>(names: readonly N[]) {
  const shape = Object.fromEntries(names.map((name) => [name, describeScript(name)]));
  return z.strictObject(shape as Record<N, z.ZodOptional<typeof scriptSchema>>);
}

function describeScript(name: keyof typeof DEFAULT_TIMEOUTS) {
  const minutes = DEFAULT_TIMEOUTS[name] / 60_000;
  const limit = minutes < 1 ? `${minutes * 60}s` : `${minutes}m`;
  return scriptSchema.optional().describe(`${SCRIPT_PURPOSES[name]} Time limit: ${limit}.`);
}

const SCRIPT_PURPOSES: Record<keyof typeof DEFAULT_TIMEOUTS, string> = {
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
