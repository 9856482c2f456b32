import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { findProduct } from '../../src/activities/deps.ts';
import { performEffect } from '../../src/activities/perform-effect.ts';
import { authorize } from '../../src/activities/policy/authorize.ts';
import { notify } from '../../src/activities/support/notify.ts';
import { planRelease } from '../../src/activities/writer/plan-release.ts';
import { setDistTag } from '../../src/providers/registry/npm/registry.ts';
import { tagManifest } from '../../src/providers/registry/oci/manifest.ts';
import { pushImage } from '../../src/providers/registry/oci/push.ts';
import { openRepository } from '../../src/providers/registry/oci/registry.ts';
import type { StoreRef } from '../../src/release/store-ref.ts';
import type { CrashRun, Part } from '../crash/crash-run.ts';
import { CASES } from '../crash/effect-cases.ts';
import { makeTemplate, RELEASE_ID, TAG, type Template, VERSION } from '../crash/template.ts';
import { writeImageLayout } from '../support/fixture/oci-layout.ts';
import {
  type DockerRegistry,
  dockerRegistryInstalled,
  startDockerRegistry,
} from '../support/server/docker-registry.ts';
import { startVerdaccio, type Verdaccio } from '../support/server/verdaccio.ts';
import { enterRole, failureOf } from './enter-role.ts';

let root: string;
let template: Template;
let npm: Verdaccio;
let oci: DockerRegistry | undefined;
let token: string;
let runs = 0;
const open: CrashRun[] = [];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'windlass-activities-'));
  template = await makeTemplate(join(root, 'template'));
  npm = await startVerdaccio();
  token = await npm.addUser('releaser');
  if (dockerRegistryInstalled) oci = await startDockerRegistry();
});

afterEach(async () => {
  for (const run of open.splice(0)) await run.stop();
});

afterAll(async () => {
  await npm?.stop();
  await oci?.stop();
  await rm(root, { recursive: true, force: true });
});

async function enter(parts: Part[], change?: (config: string) => string) {
  const servers = { npm: { url: npm.url, token }, oci: { host: oci?.host ?? '127.0.0.1:9' } };
  runs += 1;
  const entered = await enterRole({
    id: `run-${runs}`,
    root,
    template,
    servers,
    parts,
    ...(change === undefined ? {} : { change }),
  });
  open.push(entered.run);
  return entered;
}

const acting = { product: 'crash', releaseId: RELEASE_ID, version: VERSION };

const request = {
  releaseId: RELEASE_ID,
  product: 'crash',
  bump: 'auto',
  requestedBy: 'cleo',
  requestedAt: '2026-11-21T09:00:00.000Z',
  via: 'api',
} as const;

describe('an effect', () => {
  const base = { name: 'tag', key: 'r/tag/x', target: 'tag x' } as const;
  const calm = { barrier: async () => undefined, isOwned: () => true };

  it('is not written by a worker that was given up while it was frozen', async () => {
    let writes = 0;
    const failure = await failureOf(
      performEffect(
        { ...calm, isOwned: () => false },
        {
          ...base,
          read: async () => ({ is: 'absent' }),
          write: async () => {
            writes += 1;
          },
        },
      ),
    );
    expect(failure.type).toBe('Unavailable');
    expect(writes).toBe(0);
  });

  it('that was done before is not written again, and its receipt says so', async () => {
    const effect = await performEffect(calm, {
      ...base,
      read: async () => ({ is: 'ours', value: 1, proof: 'p' }),
      write: async () => {
        throw new Error('written');
      },
    });
    expect(effect.receipts).toEqual([{ key: base.key, outcome: 'done_before', target: 'tag x', proof: 'p' }]);
  });
});

describe('the channel of a package', () => {
  it('is not moved back when a later release has it already, and the staging tag goes all the same', async () => {
    const { run, activities } = await enter(['npm']);
    await CASES['npm-dist-tag'].arrange?.(run);
    // As another installation leaves it that released 1.1.0's successor meanwhile.
    const later = `{"name":"${run.packageName}","version":"2.0.0"}`;
    await publishByHand(run, later, '2.0.0');
    await setDistTag({ registry: npm.url, token, name: run.packageName, version: '2.0.0', tag: 'latest' });
    const input = (await CASES['npm-dist-tag'].input(run)) as never;
    const moved = await activities.moveChannel(input);
    const world = (await CASES['npm-dist-tag'].look(run)) as { tags: object };
    // Whoever stays on the line before gets it by that line's own channel.
    expect(world.tags).toEqual({ latest: '2.0.0', later: '2.0.0', 'release-1.x': VERSION });
    expect(moved.receipts[0]?.proof).toContain('stays at 2.0.0');
  });
});

describe.runIf(dockerRegistryInstalled)('an image', () => {
  it('never takes a version’s tag from another image: a conflict shows both digests', async () => {
    const { run, activities } = await enter(['oci']);
    const theirs = await writeImageLayout(join(run.folder, 'theirs'), { layers: [Buffer.from('theirs')] });
    const repository = openRepository({ repository: run.ociRepository, insecure: true });
    await pushImage(repository, { layoutFolder: theirs.folder });
    await tagManifest(repository, { digest: theirs.digest, tag: VERSION });
    const failure = await failureOf(activities.publishBuilt((await CASES.image.input(run)) as never));
    expect(failure.type).toBe('Conflict');
    expect(failure.what).toContain(theirs.digest);
    expect(failure.what).toContain(run.image.digest);
    expect(await CASES.image.look(run)).toMatchObject({ [VERSION]: theirs.digest });
  });

  it('takes latest from the release before, and leaves it to a higher version', async () => {
    const { run, activities } = await enter(['oci']);
    const repository = openRepository({ repository: run.ociRepository, insecure: true });
    const other = await writeImageLayout(join(run.folder, 'other'), { layers: [Buffer.from('other')] });
    await pushImage(repository, { layoutFolder: other.folder });
    await tagManifest(repository, { digest: other.digest, tag: '1.0.0' });
    await tagManifest(repository, { digest: other.digest, tag: 'latest' });
    await CASES['image-moving-tag'].arrange?.(run);
    const input = (await CASES['image-moving-tag'].input(run)) as never;
    await activities.moveChannel(input);
    expect(await CASES.image.look(run)).toMatchObject({ latest: run.image.digest });

    await tagManifest(repository, { digest: other.digest, tag: '2.0.0' });
    await tagManifest(repository, { digest: other.digest, tag: 'latest', replaces: run.image.digest });
    const left = await activities.moveChannel(input);
    expect(await CASES.image.look(run)).toMatchObject({ latest: other.digest });
    expect(left.receipts[0]?.proof).toContain('stays at 2.0.0');
  });

  it('that the build says it pushed, but that is not there, is a mistake and leaves no tag', async () => {
    const { run, activities } = await enter(['oci']);
    const image = { repository: run.ociRepository, digest: run.image.digest };
    const failure = await failureOf(
      activities.publishBuilt({
        ...acting,
        built: {
          registry: 'docker',
          name: run.ociRepository,
          version: VERSION,
          digest: image.digest,
          files: [],
          image,
        },
        authorization: run.authorization,
      }),
    );
    expect(failure.type).toBe('Mistake');
    expect(failure.what).toContain('does not hold');
  });
});

describe('the release page', () => {
  it('that somebody made by hand is a conflict that names it, and stays', async () => {
    const { run, activities } = await enter(['github']);
    await fetch(`${run.github?.apiUrl}/repos/team/shop/releases`, {
      method: 'POST',
      headers: { authorization: `Bearer ${run.github?.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ tag_name: TAG, name: 'by hand', body: 'mine' }),
    });
    const failure = await failureOf(
      activities.createReleasePage((await CASES['release-page'].input(run)) as never),
    );
    expect(failure.type).toBe('Conflict');
    expect(failure.what).toContain('made by hand');
    expect(run.github?.releases).toHaveLength(1);
    expect(run.github?.releases[0]?.name).toBe('by hand');
  });

  const pageOf = async (run: CrashRun, version: string, notes = 'The notes.\n') => ({
    ...acting,
    tag: `v${version}`,
    version,
    notes: await run.store.put(Buffer.from(notes)),
    prerelease: version.includes('-'),
    anchor: 'sha256:anchor',
    assets: [],
  });

  it('of the highest version is marked as the latest, a patch of an old line and a pre-release are not', async () => {
    const { run, activities } = await enter(['github']);
    const latest: (string | undefined)[] = [];
    for (const version of ['1.0.0', '2.0.0', '1.0.1', '3.0.0-rc.1', '2.0.1']) {
      await activities.createReleasePage((await pageOf(run, version)) as never);
      latest.push(run.github?.latest());
    }
    expect(latest).toEqual(['v1.0.0', 'v2.0.0', 'v2.0.0', 'v2.0.0', 'v2.0.1']);
  });

  it('takes notes of any length: cut at a line, with a pointer to the whole and the anchor below', async () => {
    const { run, activities } = await enter(['github']);
    const notes = `# 3.0.0\n\n${'- a line of the notes of a long release\n'.repeat(4_000)}`;
    await activities.createReleasePage((await pageOf(run, '3.0.0', notes)) as never);
    const body = run.github?.releases[0]?.body ?? '';
    expect(body.length).toBeLessThanOrEqual(125_000);
    expect(body.length).toBeGreaterThan(124_900);
    expect(body).toContain('All of them: `CHANGELOG.md` of v3.0.0.\n\nAudit: `sha256:anchor`');
  });
});

describe('a notice', () => {
  it('is sent again after a death between sending and noting it, with the same id, and it is said', async () => {
    const { run, deps } = await enter(['notices']);
    const tell = (channel: string) =>
      notify(deps)({ ...acting, id: `${RELEASE_ID}/x`, channel, subject: 'Out', text: 'It is out.' });
    const putNamed = deps.store.putNamed.bind(deps.store);
    let dead = true;
    deps.store.putNamed = async (name, bytes) => {
      if (dead && bytes.toString().includes('"sent"')) throw new Error('killed');
      await putNamed(name, bytes);
    };
    expect((await tell('by_hook')).failed).toHaveLength(1);
    dead = false;
    expect(await tell('by_hook')).toEqual({ sent: ['webhook'], failed: [], perhapsTwice: ['webhook'] });
    expect(await tell('by_hook')).toEqual({ sent: ['webhook'], failed: [], perhapsTwice: [] });
    const ids = run.recorder?.requests.map(({ headers }) => headers['webhook-id']);
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(1);
  });
});

describe('readiness at the host', () => {
  it('is blocked by the version’s own milestone as long as something is open in it', async () => {
    const { run, activities } = await enter(['github']);
    const call = (path: string, body: object) =>
      run.github?.call('alice', 'POST', `/repos/team/shop/${path}`, body);
    const next = (await activities.checkReadiness({ request })).looked.join('\n');
    const version = /milestone (\S+): none/.exec(next)?.[1];
    const milestone = (await call('milestones', { title: `v${version}` })) as { number: number };
    await call('issues', { title: 'still to do', milestone: milestone.number });
    const { blockers } = await activities.checkReadiness({ request });
    // The little product's package.json states a version that nothing was ever tagged with: that is said beside it.
    expect(blockers).toEqual([
      expect.stringMatching(/^package.json states 1\.0\.0, which is higher/),
      expect.stringMatching(/^milestone v\S+ has 1 open/),
    ]);
  });

  it('counts a label of a merged pull request where a rule names it', async () => {
    const rule = '    changelog: { rules: [{ label: big, type: feat }] }\n';
    const { run, activities } = await enter(['github'], (config) =>
      config.replace('    title: Crash\n', `    title: Crash\n${rule}`),
    );
    const before = await activities.checkReadiness({ request });
    expect(before.looked.join('\n')).toContain('0 merged pull requests, 1 direct commits');
    await run.github?.addPull({
      title: 'the product',
      author: 'alice',
      labels: ['big'],
      commits: [template.base],
      merged: true,
    } as never);
    // A commit that had no pull request is asked for again: only what is known is kept.
    const after = await activities.checkReadiness({ request });
    expect(after.looked.join('\n')).toContain('1 merged pull requests, 0 direct commits');
    expect(await run.store.listNamed('pulls/crash/')).toEqual([`pulls/crash/${template.base}.json`]);
  });
});

describe('the notes', () => {
  it('name the author of each pull request where that is asked for, from what readiness looked up', async () => {
    const { run, deps, activities } = await enter(['github'], (config) =>
      config.replace(
        '    title: Crash\n',
        '    title: Crash\n    changelog: { pull_request_details: true }\n',
      ),
    );
    const commits = [template.base];
    const number = await run.github?.addPull({ title: 'the product', author: 'alice', commits });
    const { base } = await activities.checkReadiness({ request });
    const before = run.github?.requests.length;
    const settings = findProduct(deps, 'crash');
    const planned = await planRelease({ ...deps, role: 'writer' })({
      ready: { request, settings, base },
      plannedAt: request.requestedAt,
    });
    const read = async (text: StoreRef) => (await deps.store.read(text)).toString('utf8');
    expect(await read(planned.notes)).toMatch(new RegExp(`the product \\(.*#${number}.* by @alice\\)`, 'i'));
    expect(await read(planned.changelog)).not.toContain('alice');
    expect(run.github?.requests.length).toBe(before);
  });
});

describe('approvals', () => {
  it('let nothing else through than the commit and the bytes that were approved, and nothing left out', async () => {
    const { run, deps } = await enter([]);
    const { commit, artifact, image } = run.authorization.parts;
    const deploy = (deploys: { commit: string; artifact?: string; image?: string }) =>
      Promise.resolve().then(() => authorize(deps, run.authorization, { ...acting, deploys }));
    if (image === undefined) throw new Error('the run has an image');
    await expect(deploy({ commit, artifact, image })).resolves.toBeUndefined();
    const other = `sha256:${'e'.repeat(64)}`;
    for (const deploys of [
      { commit: 'e'.repeat(40), artifact, image },
      { commit, artifact: other, image },
      { commit, artifact, image: other },
      { commit, image },
      { commit, artifact },
    ]) {
      expect((await failureOf(deploy(deploys))).type, JSON.stringify(deploys)).toBe('NotAuthorized');
    }
  });
});

describe('approval rules', () => {
  const ruled = (rules: string) => (config: string) =>
    config.replace('    title: Crash\n', `    title: Crash\n    approvals:\n      rules:\n${rules}`);

  it('are asked by this worker’s own configuration, for what the approved change really is and where it goes', async () => {
    const { run, deps } = await enter(
      [],
      ruled(
        [
          '        - { name: elsewhere, when: { types: [patch], paths: [docs/**] }, require: [qa] }',
          '        - { name: here, when: { types: [patch], environments: [production] }, require: [engineering_lead] }',
          '',
        ].join('\n'),
      ),
    );
    const attempt = (environment?: string, changes?: Record<string, boolean>) => {
      const authorization = { ...run.authorization, parts: { ...run.authorization.parts } };
      if (changes) authorization.parts.changes = changes;
      const acts = { ...acting, ...(environment === undefined ? {} : { environment }) };
      return Promise.resolve().then(() => authorize(deps, authorization, acts));
    };
    // Nobody looked whether docs changed, and what is published reaches production.
    expect((await failureOf(attempt())).what).toMatch(/qa, engineering_lead must approve/);
    expect((await failureOf(attempt('another'))).what).toMatch(/, qa must approve/);
    // A workflow that says so by itself has another subject than the one that people signed.
    const said = await failureOf(attempt('another', { 'path docs/**': false }));
    expect(said.what).toMatch(/valid approvals are from nobody/);
  });
});

describe('a clock that is wrong by a day', () => {
  it('makes approvals expire: nothing is done, and it is said what to do', async () => {
    const { run, deps } = await enter([]);
    const authorizeAt = (offsetMs: number) =>
      authorize(deps, run.authorization, acting, new Date(Date.now() + offsetMs));
    expect(() => authorizeAt(0)).not.toThrow();
    const failure = await failureOf(Promise.resolve().then(() => authorizeAt(24 * 3_600_000)));
    expect(failure.type).toBe('NotAuthorized');
    expect(failure.next).toContain('expired');
  });
});

async function publishByHand(run: CrashRun, manifest: string, version: string): Promise<void> {
  const { execFileSync } = await import('node:child_process');
  const { mkdir } = await import('node:fs/promises');
  const { publishTarball } = await import('../../src/providers/registry/npm/registry.ts');
  const folder = join(run.folder, 'later');
  await mkdir(join(folder, 'package'), { recursive: true });
  await writeFile(join(folder, 'package', 'package.json'), manifest);
  const file = join(folder, `${version}.tgz`);
  execFileSync('tar', ['-C', folder, '-czf', file, 'package']);
  await publishTarball({ registry: npm.url, token, file, tag: 'later', access: 'public' });
}
