import { readFile, writeFile } from 'node:fs/promises';
import { ApplicationFailure } from '@temporalio/common';
import { expect } from 'vitest';
import type { ActivityDeps } from '../../src/activities/deps.ts';
import { toFailure } from '../../src/activities/fail.ts';
import { createReleaseActivities } from '../../src/activities/release/index.ts';
import type { FailureDetails } from '../../src/contracts/failures.ts';
import type { WorkerRole } from '../../src/contracts/task-queues.ts';
import { openStore } from '../../src/workers/open-store.ts';
import { type CrashRun, makeRun, type Part, type SharedServers } from '../crash/crash-run.ts';
import type { Template } from '../crash/template.ts';
import { readInstallation } from '../support/fixture/release-world.ts';

export interface EnterOptions {
  id: string;
  root: string;
  template: Template;
  servers: SharedServers;
  parts: Part[];
  /** Whether the release branch is pushed already. True if left out. */
  branched?: boolean;
  /** Changes the text of `windlass.yaml`. */
  change?: (config: string) => string;
}

/** A world of its own with the release role's activities, called as a worker would. */
export async function enterRole(options: EnterOptions) {
  const { id, root, template, servers, parts, branched = true } = options;
  const run: CrashRun = await makeRun({ id, root, template, servers, branched, parts });
  if (options.change) await writeFile(run.config, options.change(await readFile(run.config, 'utf8')));
  const deps = await takeRole(run, 'release');
  return { run, deps, activities: createReleaseActivities(deps) };
}

/** What a worker of this role has, without barriers and with all the time in the world. */
export async function takeRole(run: CrashRun, role: WorkerRole): Promise<ActivityDeps> {
  const installation = readInstallation(run.config);
  return {
    role,
    installation,
    store: await openStore(installation),
    barrier: async () => undefined,
    signal: () => new AbortController().signal,
    attempt: () => 1,
    isOwned: () => true,
  };
}

/** How a piece of work fails, in the words that a person gets. */
export async function failureOf(work: Promise<unknown>): Promise<FailureDetails> {
  // As a worker passes it on.
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => toFailure(thrown),
  );
  expect(error).toBeInstanceOf(ApplicationFailure);
  return (error as ApplicationFailure).details?.[0] as FailureDetails;
}
