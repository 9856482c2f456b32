import { Context } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { fail } from '../../../src/activities/fail.ts';
import { guardActivities } from '../../../src/activities/policy/guard.ts';
import { awaitTakeBack } from '../../../src/activities/support/await-take-back.ts';
import {
  awaitDeployment,
  awaitRollback,
  isWorkflowOpen,
  readHolder,
} from '../../../src/activities/support/watch-workflows.ts';
import type {
  DevopsActivities,
  EnvironmentScriptInput,
  QaActivities,
  ReleaseActivities,
  ScriptOutcome,
  SupportActivities,
  WriterActivities,
} from '../../../src/contracts/activities.ts';
import type { Planned } from '../../../src/contracts/release-answers.ts';
import type { WorkerRole } from '../../../src/contracts/task-queues.ts';
import { digestOf } from '../../../src/release/digest.ts';
import { faulty } from './faulty.ts';
import { type ModelWorld, ref } from './model-world.ts';
import { describeReleaseActivities } from './release-activities.ts';

type All = ReleaseActivities & WriterActivities & QaActivities & DevopsActivities & SupportActivities;

const CHANGING = ['deploy', 'rollback'];

/** The activities of a role, each on the world of the product that its input names, behind the real policy point. */
export function createModelActivities(
  role: WorkerRole,
  worlds: ReadonlyMap<string, ModelWorld>,
  client: Client,
): object {
  const names = Object.keys(describeActivities(undefined as never, role));
  const activity = (name: string) => async (input: unknown) => {
    const world = worlds.get(findProduct(input));
    if (!world) throw new Error(`no world for ${JSON.stringify(input).slice(0, 200)}`);
    const guarded = guardActivities(world.depsOf(role), describeActivities(world, role));
    const run = guarded[name as keyof typeof guarded] as (input: unknown) => Promise<unknown>;
    return await run(input);
  };
  const watching: Partial<All> = {
    awaitDeployment: awaitDeployment(client),
    awaitRollback: awaitRollback(client),
    awaitTakeBack: awaitTakeBack(client),
    readHolder: readHolder(client),
    isWorkflowOpen: isWorkflowOpen(client),
  };
  return { ...Object.fromEntries(names.map((name) => [name, activity(name)])), ...watching };
}

function findProduct(input: unknown): string {
  const { product, request, plan, ready, record, entry } = input as Record<string, never>;
  const of = (value: { product?: string; request?: { product?: string } } | undefined) =>
    value?.product ?? value?.request?.product;
  return product ?? of(request) ?? of(record) ?? of(plan) ?? of(ready) ?? of(entry) ?? '';
}

function describeActivities(world: ModelWorld, role: WorkerRole): Partial<All> {
  const look = { preflight: async () => ({ findings: [] }) };
  if (role === 'writer') return { ...look, ...writer(world) };
  if (role === 'qa') return { ...look, ...qa(world) };
  if (role === 'devops') return { ...look, ...devops(world) };
  if (role === 'support') return { ...look, ...support(world) };
  return { ...look, ...describeReleaseActivities(world) };
}

function writer(world: ModelWorld): Partial<WriterActivities> {
  return {
    planRelease: async ({ ready: { request, base } }) =>
      await faulty(world, 'planRelease', (): Planned => {
        const version = nextFree(world, request.releaseId);
        const texts = ref(`texts of ${version} on ${base}`);
        return {
          type: 'patch',
          version,
          tag: `v${version}`,
          branch: `release/${world.product}/v${version}`,
          highlights: 'fixes',
          changelog: texts,
          notes: texts,
          compareUrl: null,
          unreleasedUrl: null,
          included: [],
          includedTotal: 0,
          reasons: [],
          warnings: [],
          planHash: digestOf({ version, base, releaseId: request.releaseId }),
        };
      }),
    editNotes: async ({ plan, changelog, notes }) => ({
      ...plan,
      planHash: digestOf({ of: plan.planHash, changelog, notes }),
    }),
  };
}

/** What was tagged, published by another release, or taken back is used up. */
function nextFree(world: ModelWorld, releaseId: string): string {
  for (let patch = 1; ; patch++) {
    const version = `1.0.${patch}`;
    const by = world.published.get(version);
    const ran = world.history.some((entry) => entry.version === version && entry.releaseId !== releaseId);
    if (!world.tags.has(version) && (by === undefined || by === releaseId) && !ran) return version;
  }
}

function qa(world: ModelWorld): Partial<QaActivities> {
  return {
    runGate: async ({ gate }) =>
      await faulty(world, 'runGate', () => ({ gate, result: 'passed' as const, summary: 'green' })),
    smokeEnvironment: async (input) => await runScript(world, input),
  };
}

function devops(world: ModelWorld): Partial<DevopsActivities> {
  return {
    buildRelease: async ({ version, commit }) =>
      await faulty(world, 'buildRelease', () => {
        const content = ref(`package of ${commit}`);
        const files = [{ name: 'model.tgz', content }];
        return {
          artifact: content,
          built: [{ registry: 'npm', name: 'model', version, digest: content.digest, files }],
        };
      }),
    runEnvironmentScript: async (input) => await runScript(world, input),
  };
}

function support(world: ModelWorld): Partial<SupportActivities> {
  return {
    smokeEnvironment: async (input) => await runScript(world, input),
    sampleChecks: async ({ since }) => {
      noteActor(world);
      return {
        samples: [
          {
            time: new Date(Date.parse(since) + 900).toISOString(),
            check: 'errors',
            group: 'candidate',
            value: world.sick ? 60 : 0,
            requests: 100,
          },
        ],
      };
    },
    notify: async () => ({ sent: ['file'], failed: [] }),
  };
}

/** The workflow that asks, as one whose waits are skipped. */
function noteActor(world: ModelWorld): string {
  const by = Context.current().info.workflowExecution?.workflowId ?? 'nobody';
  world.seen.add(by);
  return by;
}

async function runScript(world: ModelWorld, input: EnvironmentScriptInput): Promise<ScriptOutcome> {
  const { script, version, generation } = input;
  const by = noteActor(world);
  const output = await faulty(world, script, async () => {
    if (script === 'status') return { version: world.runs };
    if (script === 'verify' && world.runs !== version)
      throw fail('ScriptFailed', { what: `${world.runs} runs`, changed: 'nothing', next: 'look' });
    if (script === 'backup') return { backup: `backup-${generation}` };
    if (!CHANGING.includes(script)) return {};
    if (script === 'deploy') {
      const acts = { version, commit: input.commit, artifact: input.artifact?.digest ?? '' };
      world.checkDecided('a deployment', input.authorization, acts);
    }
    const went = await world.change(by, generation, () => {
      world.runs = version;
    });
    if (went === 'refused')
      throw fail('ScriptFailed', { what: 'an older generation', changed: 'nothing', next: 'look' });
    return {};
  });
  return { outcome: 'done', output, receipts: [] };
}
