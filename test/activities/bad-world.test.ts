import { chmod, mkdtemp, readFile, rm, unlink, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApplicationFailure } from '@temporalio/common';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { findProduct, openProductMirror } from '../../src/activities/deps.ts';
import type { EffectName } from '../../src/activities/effects.ts';
import { toFailure } from '../../src/activities/fail.ts';
import { authorize } from '../../src/activities/policy/authorize.ts';
import { createReleaseActivities } from '../../src/activities/release/index.ts';
import type { FailureType } from '../../src/contracts/failures.ts';
import { NON_RETRYABLE } from '../../src/contracts/failures.ts';
import { fetchMirror, findCommit } from '../../src/integrations/git/mirror/mirror.ts';
import { publishTarball } from '../../src/providers/registry/npm/registry.ts';
import { askOrigin, type CrashRun, type Part, packTarball } from '../crash/crash-run.ts';
import { CASES } from '../crash/effect-cases.ts';
import { makeTemplate, RELEASE_ID, type Template, VERSION } from '../crash/template.ts';
import { startGitHttpServer } from '../integrations/git/git-http-server.ts';
import { findFreePort } from '../support/network/free-port.ts';
import {
  type DockerRegistry,
  dockerRegistryInstalled,
  startDockerRegistry,
} from '../support/server/docker-registry.ts';
import { startVerdaccio, type Verdaccio } from '../support/server/verdaccio.ts';
import { enterRole, failureOf, takeRole } from './enter-role.ts';

const GIT_TOKEN = 'token-of-a-private-repository';
const READ_TOKEN = 'token-that-only-fetches';

let root: string;
let template: Template;
let npm: Verdaccio;
let guarded: DockerRegistry | undefined;
let npmToken: string;
let runs = 0;
const endings: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'windlass-bad-world-'));
  template = await makeTemplate(join(root, 'template'));
  npm = await startVerdaccio();
  npmToken = await npm.addUser('releaser');
  if (dockerRegistryInstalled) guarded = await startDockerRegistry({ auth: 'basic' });
});

afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
});

afterAll(async () => {
  await npm?.stop();
  await guarded?.stop();
  await rm(root, { recursive: true, force: true });
});

/** One thing that is wrong with the world, and what a person has to be told of it. */
interface Row {
  wrong: string;
  effect: EffectName;
  parts?: Part[];
  /** Makes it wrong; may answer a change of `windlass.yaml`'s text. */
  // biome-ignore lint/suspicious/noConfusingVoidType: most rows only spoil the world and answer nothing.
  spoil(run: CrashRun): Promise<((config: string) => string) | void>;
  /** Whether it is tried again by itself. Otherwise somebody has to do something first, and then presses retry. */
  type: FailureType;
  what: RegExp;
  next: RegExp;
  changed?: RegExp;
}

const ROWS: Row[] = [
  {
    wrong: 'the npm registry is down',
    effect: 'npm-package',
    spoil: async () => {
      const nobody = await findFreePort();
      return (config) => config.replace(npm.url, `http://127.0.0.1:${nobody}/`);
    },
    type: 'Unavailable',
    what: /cannot be reached \(.*ECONNREFUSED/,
    next: /Check that the registry is up/,
  },
  {
    wrong: 'the npm token has expired',
    effect: 'npm-package',
    spoil: (run) => writeSecret(run, 'npm_token', 'expired'),
    type: 'Mistake',
    what: /Could not publish .* answered 401/,
    next: /token is missing, wrong or expired/,
  },
  {
    wrong: 'the npm token is not there',
    effect: 'npm-package',
    spoil: (run) => unlink(join(run.folder, 'secrets', 'npm_token')),
    type: 'Mistake',
    what: /npm_token/,
    next: /mend the configuration of this worker, then retry/,
  },
  {
    wrong: 'the package’s name is taken by somebody else',
    effect: 'npm-package',
    spoil: async (run) => {
      const url = await serve((request, response) => {
        const mayNot = `You do not have permission to publish "${run.packageName}". Are you logged in as the correct user?`;
        const theirs = { name: run.packageName, versions: {}, 'dist-tags': {} };
        response.writeHead(request.method === 'PUT' ? 403 : 200, { 'content-type': 'application/json' });
        response.end(JSON.stringify(request.method === 'PUT' ? { error: mayNot } : theirs));
      });
      return (config) => config.replace(npm.url, url);
    },
    type: 'Mistake',
    what: /403 \(You do not have permission to publish/,
    next: /name .* taken by somebody else/,
  },
  {
    wrong: 'the version was published by somebody else',
    effect: 'npm-package',
    spoil: async (run) => {
      await packTarball(join(run.folder, 'theirs'), run.packageName, VERSION, 'export const theirs = 1;\n');
      const file = join(run.folder, 'theirs', `${VERSION}.tgz`);
      await publishTarball({ registry: npm.url, token: npmToken, file, tag: 'theirs', access: 'public' });
    },
    type: 'Conflict',
    what: /changed by somebody else: there is sha512-.*, this release needs sha512-/,
    next: /release with a higher --version/,
    changed: /nothing by this step/,
  },
  {
    wrong: 'the registry of images wants a login',
    effect: 'image',
    parts: ['oci'],
    spoil: async () => undefined,
    type: 'Mistake',
    what: /answered 401/,
    next: /User or password is missing, wrong or expired/,
  },
  {
    wrong: 'the registry of images is down',
    effect: 'image',
    parts: ['oci'],
    spoil: async () => {
      const nobody = await findFreePort();
      return (config) => config.replace(guarded?.host ?? '', `127.0.0.1:${nobody}`);
    },
    type: 'Unavailable',
    what: /cannot be reached \(ECONNREFUSED/,
    next: /Check that the registry is up/,
  },
  {
    wrong: 'the repository is private and no token is configured',
    effect: 'tag',
    spoil: async (run) => {
      const { url } = await serveOrigin(run, GIT_TOKEN);
      return (config) => config.replace(`repository: ${run.origin}`, `repository: ${url}`);
    },
    type: 'Mistake',
    what: /git fetch/,
    next: /credential with the right to do this, then retry/,
  },
  {
    wrong: 'the repository’s token may only read',
    effect: 'tag',
    spoil: async (run) => {
      const { url } = await serveOrigin(run, GIT_TOKEN);
      await askOrigin(run, 'config', 'http.receivepack', 'false');
      return await usePrivate(run, url);
    },
    type: 'Mistake',
    what: /git push.*403/s,
    next: /credential with the right to do this, then retry/,
  },
  {
    wrong: 'the branch is protected',
    effect: 'merge',
    spoil: (run) =>
      refusePushes(
        run,
        'error: GH006: Protected branch update failed for refs/heads/main.',
        'refs/heads/main',
      ),
    type: 'Mistake',
    what: /GH006: Protected branch update failed/,
    next: /server protects this ref: allow the account of Windlass to change it, then retry/,
  },
  {
    wrong: 'the tag is protected',
    effect: 'tag',
    spoil: (run) =>
      refusePushes(
        run,
        `error: GH013: Repository rule violations found for refs/tags/v${VERSION}.`,
        'refs/tags/',
      ),
    type: 'Mistake',
    what: /GH013: Repository rule violations found/,
    next: /server protects this ref: allow the account of Windlass to change it, then retry/,
  },
  {
    wrong: 'the repository moved to another host',
    effect: 'tag',
    spoil: async (run) => {
      const there = await serveOrigin(run, GIT_TOKEN);
      const here = await serve((request, response) => {
        const rest = (request.url ?? '').replace(/^\/shop\.git/, '');
        response.writeHead(301, { location: `${there.url}${rest}` }).end();
      });
      endings.push(async () => expect(there.seen.every((header) => header === undefined)).toBe(true));
      return await usePrivate(run, `${here}shop.git`);
    },
    type: 'Mistake',
    what: /git fetch/,
    next: /moved to http:\/\/127\.0\.0\.1:\d+: put its new address into the configuration, then retry/,
  },
  {
    wrong: 'the repository’s host is down',
    effect: 'tag',
    spoil: async (run) => await usePrivate(run, `http://127.0.0.1:${await findFreePort()}/shop.git`),
    type: 'Unavailable',
    what: /Failed to connect|Couldn't connect/,
    next: /mend the cause, then retry/,
  },
  {
    wrong: 'the token of GitHub has expired',
    effect: 'release-draft',
    parts: ['github'],
    spoil: (run) => writeSecret(run, 'host_token', 'expired'),
    type: 'Mistake',
    what: /GitHub answered 401/,
    next: /token is missing, wrong or expired/,
  },
  {
    wrong: 'the token of GitHub may only read',
    effect: 'issue',
    parts: ['github'],
    spoil: (run) => writeSecret(run, 'host_token', run.github?.readOnlyToken ?? ''),
    type: 'Mistake',
    what: /GitHub answered 403/,
    next: /token has no right to do this/,
  },
  {
    wrong: 'the repository moved on GitHub',
    effect: 'release-draft',
    parts: ['github'],
    spoil: async (run) => {
      const location = `${run.github?.apiUrl}/repositories/42`;
      run.github?.fail({ on: /\/releases/, answer: { status: 301, headers: { location } }, times: 20 });
    },
    type: 'Mistake',
    what: /team\/shop|301/,
    next: /moved|address/,
  },
  {
    wrong: 'GitHub’s rate limit is used up',
    effect: 'issue',
    parts: ['github'],
    spoil: async (run) => {
      const answer = { status: 429, headers: { 'retry-after': '240' } };
      run.github?.fail({ on: /^POST .*\/issues/, answer, times: 20 });
    },
    type: 'Unavailable',
    what: /GitHub answered 429/,
    next: /tried again in 240 s/,
  },
];

describe('a bad world', () => {
  it.for(ROWS)('$wrong: says what happened, what was changed, and what to do now', async (row, { skip }) => {
    skip(row.effect === 'image' && !guarded, 'docker-registry is not installed');
    const { run, restart } = await enter(row.parts ?? []);
    const change = await row.spoil(run);
    const activities = await restart(change ?? ((config) => config));
    const before = await look(run, row.effect);
    const { activity, input } = CASES[row.effect];
    const act = activities[activity as keyof typeof activities] as (input: unknown) => Promise<unknown>;
    const failure = await failureOf(act(await input(run)));
    expect(failure).toMatchObject({
      type: row.type,
      what: expect.stringMatching(row.what),
      changed: expect.stringMatching(row.changed ?? /^nothing/),
      next: expect.stringMatching(row.next),
    });
    for (const secret of [GIT_TOKEN, npmToken, run.github?.token ?? GIT_TOKEN])
      expect(JSON.stringify(failure)).not.toContain(secret);
    expect(await look(run, row.effect)).toEqual(before);
  });

  it('tells Temporal to wait as long as GitHub asked, so that its tries are not used up before', async () => {
    const { run, restart } = await enter(['github']);
    run.github?.fail({ on: /^POST/, answer: { status: 429, headers: { 'retry-after': '240' } }, times: 20 });
    const activities = await restart((config) => config);
    const thrown = await activities
      .openIssue((await CASES.issue.input(run)) as never)
      .catch((error: unknown) => toFailure(error));
    expect(thrown).toBeInstanceOf(ApplicationFailure);
    expect(thrown).toMatchObject({ nonRetryable: false, nextRetryDelay: 240_000 });
    expect(NON_RETRYABLE).not.toContain((thrown as ApplicationFailure).type);
  });
});

describe('a clock that is wrong by a day', () => {
  it.each([
    ['ahead', 24, /it expired at/],
    ['behind', -24, /compare the clocks/],
  ])('%s makes approvals invalid: nothing is done, and it is said what to do', async (_, hours, next) => {
    const { run } = await enter([]);
    const deps = await takeRole(run, 'release');
    const at = (offset: number) => new Date(Date.now() + offset * 3_600_000);
    const acts = { product: 'crash', releaseId: RELEASE_ID, version: VERSION };
    expect(() => authorize(deps, run.authorization, acts, at(0))).not.toThrow();
    const failure = await failureOf(
      Promise.resolve().then(() => authorize(deps, run.authorization, acts, at(hours))),
    );
    expect(failure).toMatchObject({ type: 'NotAuthorized', changed: 'nothing' });
    expect(`${failure.what} ${failure.next}`).toMatch(next);
  });
});

describe('a private repository', () => {
  it('is fetched by every role with the credential that may only read, and pushed to by none but release', async () => {
    const { run, restart } = await enter([]);
    const server = await serveOrigin(run, READ_TOKEN);
    await restart(await usePrivate(run, server.url));
    for (const role of ['writer', 'qa', 'devops'] as const) {
      const deps = await takeRole(run, role);
      const mirror = await openProductMirror(deps, findProduct(deps, 'crash'));
      expect(mirror.token).toBe(READ_TOKEN);
      await fetchMirror(mirror);
      expect(await findCommit(mirror, 'main')).toBe(template.base);
    }
    const deps = await takeRole(run, 'release');
    expect((await openProductMirror(deps, findProduct(deps, 'crash'))).token).toBe(GIT_TOKEN);
  });
});

async function enter(parts: Part[]) {
  runs += 1;
  const needsImages = parts.includes('oci');
  const servers = {
    npm: { url: npm.url, token: npmToken },
    oci: { host: needsImages ? (guarded?.host ?? '127.0.0.1:9') : '127.0.0.1:9' },
  };
  const { run, deps } = await enterRole({ id: `bad-${runs}`, root, template, servers, parts });
  endings.push(() => run.stop());
  /** The activities of a worker that was started with this `windlass.yaml`. */
  const restart = async (change: (config: string) => string) => {
    await writeFile(run.config, change(await readFile(run.config, 'utf8')));
    return createReleaseActivities(await takeRole(run, deps.role));
  };
  return { run, restart };
}

/** What is there; a registry that wants a login shows nothing to those who only look. */
async function look(run: CrashRun, effect: EffectName): Promise<unknown> {
  return await CASES[effect].look(run).catch(() => 'nothing to see');
}

async function writeSecret(run: CrashRun, name: string, value: string): Promise<void> {
  await writeFile(join(run.folder, 'secrets', name), value);
}

/** The run's repository over HTTP, for whoever has the token. */
async function serveOrigin(run: CrashRun, token: string) {
  await askOrigin(run, 'config', 'http.receivepack', 'true');
  const server = await startGitHttpServer(run.origin, token);
  endings.push(() => server.close());
  return server;
}

/** The repository at an address with two credentials: `release` may push, others may fetch. */
async function usePrivate(run: CrashRun, url: string): Promise<(config: string) => string> {
  await writeSecret(run, 'git_token', GIT_TOKEN);
  await writeSecret(run, 'git_read_token', READ_TOKEN);
  return (config) =>
    config
      .replace(
        `repository: ${run.origin}`,
        `repository: { url: "${url}", token: git_token, read_token: git_read_token }`,
      )
      .replace(
        /^secrets:\n/m,
        'secrets:\n  git_token: { file: secrets/git_token, roles: [release] }\n  git_read_token: { file: secrets/git_read_token, roles: [writer, qa, devops] }\n',
      );
}

/** The repository refuses what begins so, in the words of GitHub. */
async function refusePushes(run: CrashRun, words: string, refs: string): Promise<void> {
  const hook = join(run.origin, 'hooks', 'update');
  await writeFile(hook, `#!/bin/sh\ncase $1 in ${refs}*) echo "${words}" >&2; exit 1;; esac\n`);
  await chmod(hook, 0o755);
}

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  endings.push(async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}
