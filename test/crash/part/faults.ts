import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { EffectName } from '../../../src/activities/effects.ts';
import { type CuttingProxy, startCuttingProxy } from '../../support/network/cutting-proxy.ts';
import { type CrashRun, makeRun, type SharedServers } from '../crash-run.ts';
import { CASES } from '../effect-cases.ts';
import { findLeftovers } from '../finding/leftovers.ts';
import { compareWorlds, note } from '../finding/tally.ts';
import { startWorkerProcess } from '../process/killable-process.ts';
import { waitUntil } from '../process/wait.ts';
import { describe, perform, rename, type SharedEnvironment, within } from './barriers.ts';

const LIMIT_MS = 300_000;

interface Fault {
  name: string;
  effect: EffectName;
  /** Arms the fault once the world stands; what it returns undoes it and says whether the fault really happened. */
  arm(run: CrashRun, proxies: Proxies): Promise<() => Promise<boolean>> | (() => Promise<boolean>);
  /** Two workers for one activity: the first is frozen before its write, and thawed when the second is done. */
  freezes?: boolean;
}

interface Proxies {
  npm: CuttingProxy;
  oci: CuttingProxy;
}

const FAULTS: Fault[] = [
  ...(['npm-package', 'npm-dist-tag', 'npm-deprecation'] as const).map((effect) => ({
    name: 'the line is cut before the registry’s answer',
    effect,
    arm: (_: CrashRun, { npm }: Proxies) => cut(npm, /^PUT /),
  })),
  ...(['image', 'image-tag', 'image-moving-tag'] as const).map((effect) => ({
    name: 'the line is cut before the registry’s answer',
    effect,
    arm: (_: CrashRun, { oci }: Proxies) => cut(oci, /^PUT \/v2\/[^ ]+\/manifests\//),
  })),
  ...(
    [
      ['issue', /^POST .*\/issues$/],
      ['comment', /^POST .*\/comments$/],
      ['release-draft', /^POST .*\/releases$/],
      ['release-page', /^PATCH .*\/releases\//],
      ['release-asset', /^POST .*\/assets/],
    ] as const
  ).flatMap(([effect, on]) => [
    { name: '503 from GitHub after it did it', effect, arm: answer(on, { status: 503 }, true) },
    { name: '503 from GitHub instead', effect, arm: answer(on, { status: 503 }, false) },
    {
      name: '429 with Retry-After from GitHub',
      effect,
      arm: answer(on, { status: 429, headers: { 'retry-after': '1' } }, false),
    },
  ]),
  ...(['issue', 'comment', 'release-draft', 'slack', 'npm-package', 'tag', 'script-deploy'] as const).map(
    (effect) => ({
      name: 'two workers, the first frozen past its heartbeat',
      effect,
      freezes: true,
      arm: () => async () => true,
    }),
  ),
];

/** Each fault on each effect that it can hit, compared with the same effect undisturbed. */
export async function testFaults(
  shared: SharedEnvironment,
  expected: Map<string, unknown>,
  only: string | undefined,
): Promise<void> {
  const wanted = FAULTS.filter(({ effect }) => only === undefined || effect.includes(only));
  await Promise.all([work(wanted.values()), only === undefined ? testDiskFull(shared, expected) : undefined]);

  async function work(faults: Iterator<Fault>): Promise<void> {
    const one = async () => {
      for (let next = faults.next(); !next.done; next = faults.next())
        await testFault(shared, next.value, expected);
    };
    await Promise.all([one(), one(), one()]);
  }
}

async function testFault(
  shared: SharedEnvironment,
  fault: Fault,
  expected: Map<string, unknown>,
): Promise<void> {
  const startedAt = performance.now();
  const name = `${fault.effect}: ${fault.name}`;
  const { parts, branched, role } = CASES[fault.effect];
  const proxies = await startProxies(shared.servers);
  const id = `${fault.effect}-fault-${FAULTS.indexOf(fault)}`;
  const run = await makeRun({ ...shared, servers: throughProxies(shared, proxies), id, parts, branched });
  const environment = { temporary: join(shared.root, 'tmp') };
  const options = {
    address: shared.address,
    parts: [role],
    marks: run.folder,
    hosts: [{ config: run.config, prefix: id }],
  };
  let problem: string | undefined;
  try {
    await CASES[fault.effect].arrange?.(run);
    const disarm = await fault.arm(run, proxies);
    const crashAt = fault.freezes ? [`${fault.effect}:before:freeze`] : [];
    const first = await startWorkerProcess({ ...options, crashAt }, environment);
    const handle = await perform(shared, run, fault.effect);
    if (fault.freezes) await waitUntil('the worker to freeze', () => isFrozen(first.pid), 120_000);
    const second = fault.freezes ? await startWorkerProcess({ ...options, crashAt }, environment) : undefined;
    await within(LIMIT_MS, handle.result());
    if (fault.freezes) {
      first.kill('SIGCONT');
      // For what must not happen there is no event: a thawed worker that still wrote would have done so by then.
      await delay(3_000);
    }
    await first.stop();
    await second?.stop();
    if (!(await disarm())) problem = 'the fault did not happen';
    problem ??= compareWorlds(
      shared.tally,
      name,
      expected.get(fault.effect),
      rename(run, await CASES[fault.effect].look(run)),
    );
  } catch (error) {
    shared.tally.losses.push(name);
    problem = describe(error);
  }
  shared.tally.leftovers.push(...(await findLeftovers([run.folder])));
  await run.stop();
  await proxies.npm.stop();
  await proxies.oci.stop();
  note(shared.tally, name, startedAt, problem);
}

/** The work folder's disk is full at first, and has room again later: nothing was done, then it is done once. */
async function testDiskFull(shared: SharedEnvironment, expected: Map<string, unknown>): Promise<void> {
  for (const effect of ['tag', 'npm-package', 'script-deploy'] as const) {
    const startedAt = performance.now();
    const name = `${effect}: the disk is full in the work folder`;
    const { parts, branched, role } = CASES[effect];
    const id = `${effect}-disk-full`;
    const run = await makeRun({ ...shared, id, parts, branched });
    await CASES[effect].arrange?.(run);
    const work = join(run.folder, 'work');
    mkdirSync(work);
    if (!mountSmall(work)) {
      console.log(`skip ${name}: this needs the right to mount a small file system`);
      await run.stop();
      continue;
    }
    let problem: string | undefined;
    const options = {
      address: shared.address,
      parts: [role],
      crashAt: [],
      marks: run.folder,
      hosts: [{ config: run.config, prefix: id }],
    };
    const worker = await startWorkerProcess(options, { temporary: join(shared.root, 'tmp') });
    try {
      const filler = join(work, 'filler');
      await writeFile(filler, Buffer.alloc(4 * 1024 * 1024)).catch(() => undefined);
      const handle = await perform(shared, run, effect);
      await waitUntil(
        'a try to fail',
        async () => {
          const { raw } = await handle.describe();
          return raw.pendingActivities?.some(({ attempt, lastFailure }) => (attempt ?? 0) > 1 && lastFailure);
        },
        600_000,
      );
      if (
        compareWorlds(
          { ...shared.tally, losses: [], duplicates: [] },
          name,
          await CASES[effect].look(run),
          await CASES[effect].look(run),
        )
      )
        problem = 'the world moved while the disk was full';
      await rm(filler);
      await within(LIMIT_MS, handle.result());
      problem ??= compareWorlds(
        shared.tally,
        name,
        expected.get(effect),
        rename(run, await CASES[effect].look(run)),
      );
    } catch (error) {
      shared.tally.losses.push(name);
      problem = describe(error);
    }
    await worker.stop();
    shared.tally.leftovers.push(...(await findLeftovers([run.folder])));
    execFileSync('umount', [work]);
    await run.stop();
    note(shared.tally, name, startedAt, problem);
  }
}

function mountSmall(folder: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'none', folder], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function cut(proxy: CuttingProxy, head: RegExp): () => Promise<boolean> {
  proxy.cutAnswerTo(head);
  return async () => proxy.lost() > 0;
}

function answer(
  on: RegExp,
  given: { status: number; headers?: Record<string, string> },
  afterDoing: boolean,
) {
  return (run: CrashRun) => {
    const before = run.github?.requests.length ?? 0;
    run.github?.fail({ on, answer: given, afterDoing });
    return async () => run.github?.requests.slice(before).some((line) => on.test(line)) ?? false;
  };
}

async function startProxies(servers: SharedServers): Promise<Proxies> {
  return {
    npm: await startCuttingProxy(Number(new URL(servers.npm.url).port)),
    oci: await startCuttingProxy(Number(servers.oci.host.split(':')[1])),
  };
}

function throughProxies(shared: SharedEnvironment, { npm, oci }: Proxies): SharedServers {
  return { npm: { ...shared.servers.npm, url: npm.url }, oci: { host: `127.0.0.1:${oci.port}` } };
}

function isFrozen(pid: number): boolean {
  try {
    return execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).startsWith('T');
  } catch {
    return false;
  }
}
