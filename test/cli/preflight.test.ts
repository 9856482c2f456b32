import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ActivityDeps } from '../../src/activities/deps.ts';
import { lookAtSecrets } from '../../src/activities/preflight/look-at-secrets.ts';
import { runPreflight } from '../../src/cli/preflight/preflight.ts';
import type { PreflightReport } from '../../src/contracts/preflight.ts';
import { workflowQueue } from '../../src/contracts/task-queues.ts';
import type { ProductSettings } from '../../src/release/settings.ts';
import { findPollers } from '../../src/temporal/find-pollers.ts';
import { personWith } from '../support/fixture/demo.ts';
import { type GreeterWorld, startGreeterWorld } from '../support/fixture/greeter-world.ts';
import { findFreePort } from '../support/network/free-port.ts';
import { readSharedTemporal, waitFor } from '../support/server/temporal-server.ts';
import { type Said, say } from './cli-context.ts';

let world: GreeterWorld;

beforeAll(async () => {
  world = await startGreeterWorld();
  const config = join(world.root, 'windlass.yaml');
  const text = await readFile(config, 'utf8');
  await writeFile(config, text.replace(/^temporal:\n/m, '$&  sealed_payloads: false\n'));
  // No API runs here; the registry tells the time as well.
  world.installation.api.url = world.npm.url;
  // A worker is known by its first request for work, which a fast test would not wait for.
  const queue = { taskQueue: workflowQueue(world.product), kind: 'workflow' } as const;
  const server = { address: readSharedTemporal().address, namespace: 'default' };
  await waitFor(
    'the workflow worker to ask for work',
    async () => (await findPollers({ ...server, ...queue })).length > 0,
  );
});

afterAll(async () => {
  await world?.stop();
});

async function preflight(...argv: string[]): Promise<Said> {
  const environment = { TEMPORAL_ADDRESS: readSharedTemporal().address };
  return await say(
    async (args, context) => await runPreflight(args, { context, queuePrefix: world.product }),
    argv,
    environment,
    world.root,
  );
}

/** Every finding that is not in order, as `STATE subject`. */
async function look(): Promise<string[]> {
  const { out } = await preflight(world.product, '--json');
  const { reports } = JSON.parse(out) as { reports: PreflightReport[] };
  return reports.flatMap(({ role, findings }) =>
    findings.flatMap(({ state, subject }) => (state === 'ok' ? [] : [`${state} ${role}: ${subject}`])),
  );
}

const refs = () => execFileSync('git', ['ls-remote', world.origin], { encoding: 'utf8' });

describe('windlass preflight', () => {
  it('finds nothing against a release that can end, and changes nothing', async () => {
    const before = refs();
    const { code, out, err } = await preflight(world.product);
    const { out: json } = await preflight(world.product, '--json');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/push to release\/greeter-\S+\/v\d+\.\d+\.\d+: would be taken/);
    expect(out).toMatch(/push to tag v\d+\.\d+\.\d+: would be taken/);
    expect(out).toContain('script ops/test (gate tests): there, and executable');
    expect(out).toContain('registry npm: would take a release');
    expect(out).toContain(`Nothing stands against a release of ${world.product}. Nothing was changed.`);
    const { reports } = JSON.parse(json) as { reports: PreflightReport[] };
    const own = reports.filter(({ role }) => role === 'release').flatMap(({ findings }) => findings);
    // What each finding is about, as data; the product has no host.
    expect(new Set(own.map(({ code }) => code))).toEqual(
      new Set(['worker', 'secrets', 'repository', 'space', 'clock', 'pushes', 'registries']),
    );
    expect(refs()).toBe(before);
  });

  it('tells everything at once that would keep a release from its end, with what to do', async () => {
    const token = join(world.root, 'secrets', 'npm_token');
    const kept = await readFile(token, 'utf8');
    await rm(token);
    const commit = changeMain('ops/test', (folder) =>
      execFileSync('git', ['-C', folder, 'update-index', '--chmod=-x', 'ops/test']),
    );
    execFileSync('git', ['-C', world.origin, 'branch', 'release', commit]);
    const dead = await findFreePort();
    world.installation.channels['team'] = [{ webhook: `http://127.0.0.1:${dead}/` }] as never;
    try {
      const { code, out } = await preflight(world.product);
      expect(code).toBe(1);
      expect(out).toMatch(/PROBLEM {2}secret npm_token: .*there is no file/);
      expect(out).toMatch(
        /PROBLEM {2}script ops\/test \(gate tests\): .*is not an executable file\n +-> .*chmod/,
      );
      expect(out).toMatch(/PROBLEM {2}push to release\/\S+: refs\/heads\/release is there, and git keeps/);
      expect(out).toMatch(/warning {2}channel team \(\S+\): .*cannot be reached \(ECONNREFUSED\)/);
      expect(out).toContain(`A release of ${world.product} could not end as things are`);
      for (const finding of out.split('\n').filter((line) => /^ {2}(PROBLEM|warning)/.test(line))) {
        expect(out.split('\n')[out.split('\n').indexOf(finding) + 1]).toMatch(/^ +-> ./);
      }
    } finally {
      await writeFile(token, kept);
      execFileSync('git', ['-C', world.origin, 'branch', '-D', 'release']);
      changeMain('ops/test', (folder) =>
        execFileSync('git', ['-C', folder, 'update-index', '--chmod=+x', 'ops/test']),
      );
      delete world.installation.channels['team'];
    }
    expect(await look()).toEqual([]);
  });

  it('holds a token that says when it ends to the end of the monitoring window', async () => {
    const token = join(world.root, 'secrets', 'npm_token');
    const kept = await readFile(token, 'utf8');
    const product = world.installation.products[world.product] as ProductSettings;
    const deps = { role: 'release', installation: world.installation } as ActivityDeps;
    const endsIn = async (minutes: number) => {
      const claims = { exp: Math.floor(Date.now() / 1_000) + 60 * minutes };
      const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
      await writeFile(token, `${part({ alg: 'none' })}.${part(claims)}.c2ln`);
      const nothing = () => Promise.reject();
      const [finding] = await lookAtSecrets({ deps, product, now: new Date(), tip: nothing, next: nothing });
      return finding;
    };
    try {
      // A hotfix and a minor are watched for an hour, a patch for half of one, a major for a day.
      expect(await endsIn(-1)).toMatchObject({
        state: 'problem',
        found: expect.stringMatching(/^expired at/),
      });
      expect(await endsIn(10)).toMatchObject({ state: 'problem', subject: 'secret npm_token' });
      expect(await endsIn(45)).toMatchObject({
        state: 'warning',
        found: expect.stringMatching(
          /before the monitoring window of a release ends \(major, minor, hotfix\)$/,
        ),
      });
      expect(await endsIn(60 * 24 * 7)).toMatchObject({ state: 'ok' });
    } finally {
      await writeFile(token, kept);
    }
  });

  it('knows the product by its name, or tells which there are', async () => {
    const { code, err } = await preflight('gretter');
    expect(code).toBe(1);
    expect(err).toContain('has no product "gretter"');
    expect(err).toContain(`Products: ${world.product}.`);
  });
});

describe('a release that could not end', () => {
  it('asks nobody anything before what stands against it is gone', async () => {
    const token = join(world.root, 'secrets', 'npm_token');
    const kept = await readFile(token, 'utf8');
    await rm(token);
    await world.start();
    const blocked = await world.until('the blockers', (now) => now.waiting !== undefined);
    expect(blocked.blockers).toEqual([
      expect.stringMatching(
        /^secret npm_token: .*there is no file .* \(release\); give the worker .* that secret$/,
      ),
    ]);
    expect(blocked.approvals).toEqual([]);
    await writeFile(token, kept);
    await world.send('retry', personWith(world.fixture, 'operator'), { reason: 'the token is back' });
    const asked = await world.until('the review', (now) => now.approvals.length > 0);
    const check = asked.steps.find((step) => step.id === 'readiness.check');
    expect(check?.detail).toMatch(/preflight: (\d+) of \1 in order/);
    // Readiness asks the registries itself, so the roles need not.
    const { reports } = JSON.parse((await preflight(world.product, '--json')).out) as {
      reports: PreflightReport[];
    };
    const others = reports
      .filter(({ role }) => role !== 'workflow')
      .flatMap(({ findings }) => findings.filter(({ code }) => code !== 'registries'));
    expect(check?.detail).toContain(`preflight: ${others.length} of`);
    expect(check?.detail).toContain('registry npm: takes a release');
    await world.send('abort', personWith(world.fixture, 'operator'), { reason: 'enough' });
    expect((await world.ended()).outcome).toBe('aborted');
  });
});

function changeMain(path: string, change: (folder: string) => unknown): string {
  const clone = join(world.root, `clone-${randomUUID()}`);
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', clone, '-c', 'user.name=Ola', '-c', 'user.email=ola@example.test', ...args], {
      encoding: 'utf8',
    }).trim();
  execFileSync('git', ['clone', '--quiet', world.origin, clone]);
  change(clone);
  git('commit', '--quiet', '-m', `chore: touch ${path}`);
  git('push', '--quiet', 'origin', 'HEAD:refs/heads/main');
  return git('rev-parse', 'HEAD');
}
