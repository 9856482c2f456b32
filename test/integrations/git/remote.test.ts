import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCommit } from '../../../src/integrations/git/create-commit.ts';
import {
  fetchMirror,
  type Mirror,
  openMirror,
  resolveCommit,
} from '../../../src/integrations/git/mirror/mirror.ts';
import { deleteRef, pushRef, readRemoteRef } from '../../../src/integrations/git/remote.ts';
import { createTagObject } from '../../../src/integrations/git/tag.ts';
import { type GitHttpServer, startGitHttpServer } from './git-http-server.ts';
import { type GitWorld, makeGitWorld } from './git-world.ts';

const BOT = { name: 'Windlass', email: 'windlass@example.com' };
const DATE = '2026-03-01T12:00:00Z';
const BRANCH = 'refs/heads/release/shop/v1.1.0';
const TOKEN = 'ghp_Secret/Token+1';

let world: GitWorld;
let mirror: Mirror;
let tip: string;

beforeEach(async () => {
  world = makeGitWorld();
  mirror = await world.mirror();
  await fetchMirror(mirror);
  tip = await resolveCommit(mirror, 'main');
});
afterEach(() => world.remove());

const makeCommit = (contents: string, parent = tip): Promise<string> =>
  createCommit(mirror, {
    parents: [parent],
    changes: [{ path: 'a', contents }],
    message: 'm',
    author: BOT,
    date: DATE,
  });

/** Makes the remote run a hook, as a host with protected branches would. */
function addHook(name: string, body: string): void {
  writeFileSync(join(world.remote, 'hooks', name), `#!/bin/sh\n${body}\n`);
  chmodSync(join(world.remote, 'hooks', name), 0o755);
}

describe('changing a ref of the remote', () => {
  it('makes, moves and deletes it, each time from what was expected, and a repetition counts as done', async () => {
    const [one, two] = [await makeCommit('1'), await makeCommit('2')];
    for (const _ of [1, 2])
      expect(await pushRef(mirror, { ref: BRANCH, sha: one, expected: null })).toBe('pushed');
    for (const _ of [1, 2])
      expect(await pushRef(mirror, { ref: BRANCH, sha: two, expected: one })).toBe('pushed');
    expect(await readRemoteRef(mirror, BRANCH)).toBe(two);
    expect(world.remoteGit('rev-parse', BRANCH)).toBe(two);
    expect(await deleteRef(mirror, { ref: BRANCH, expected: one })).toEqual({ conflict: two });
    for (const _ of [1, 2]) expect(await deleteRef(mirror, { ref: BRANCH, expected: two })).toBe('deleted');
    expect(await readRemoteRef(mirror, BRANCH)).toBeUndefined();
    expect(await pushRef(mirror, { ref: BRANCH, sha: two, expected: one })).toEqual({ conflict: null });
  });

  it('reads the ref itself and not one whose name ends alike', async () => {
    world.remoteGit('update-ref', 'refs/heads/other/refs/heads/main', tip);
    world.remoteGit('update-ref', '-d', 'refs/heads/main');
    expect(await readRemoteRef(mirror, 'refs/heads/main')).toBeUndefined();
  });

  it('pushes an annotated tag as its object, once', async () => {
    const object = await createTagObject(mirror, {
      tag: 'v1.1.0',
      sha: tip,
      message: 'm',
      tagger: BOT,
      date: DATE,
    });
    for (const _ of [1, 2])
      expect(await pushRef(mirror, { ref: 'refs/tags/v1.1.0', sha: object, expected: null })).toBe('pushed');
    expect(world.remoteGit('cat-file', '-t', 'refs/tags/v1.1.0')).toBe('tag');
    expect(await readRemoteRef(mirror, 'refs/tags/v1.1.0')).toBe(object);
    const other = await createTagObject(mirror, {
      tag: 'v1.1.0',
      sha: tip,
      message: 'other',
      tagger: BOT,
      date: DATE,
    });
    expect(await pushRef(mirror, { ref: 'refs/tags/v1.1.0', sha: other, expected: null })).toEqual({
      conflict: object,
    });
  });

  it('lets one of many racing pushers win and shows the others whose value is there', async () => {
    const commits = await Promise.all(['1', '2', '3', '4', '5'].map((contents) => makeCommit(contents)));
    const outcomes = await Promise.all(
      commits.map((sha) => pushRef(mirror, { ref: BRANCH, sha, expected: null })),
    );
    const winner = world.remoteGit('rev-parse', BRANCH);
    expect(outcomes).toEqual(commits.map((sha) => (sha === winner ? 'pushed' : { conflict: winner })));
  });

  it('is a conflict when somebody moves the ref between our look and our push', async () => {
    const [ours, theirs] = [await makeCommit('ours'), await makeCommit('theirs')];
    await pushRef(mirror, { ref: 'refs/heads/side', sha: theirs, expected: null });
    // The hook runs when the server has our push in hand and has not compared yet.
    addHook('pre-receive', `unset GIT_QUARANTINE_PATH; git update-ref refs/heads/main ${theirs}`);
    expect(await pushRef(mirror, { ref: 'refs/heads/main', sha: ours, expected: tip })).toEqual({
      conflict: theirs,
    });
    expect(world.remoteGit('rev-parse', 'main')).toBe(theirs);
  });

  it('says in the words of the server why a protected branch refuses, and changes nothing', async () => {
    addHook('pre-receive', 'echo "GH006: Protected branch update failed for refs/heads/main." >&2; exit 1');
    const pushed = pushRef(mirror, { ref: 'refs/heads/main', sha: await makeCommit('1'), expected: tip });
    await expect(pushed).rejects.toMatchObject({ name: 'GitFailed', trouble: 'refused' });
    await expect(pushed).rejects.toThrow(/GH006: Protected branch update failed/);
    expect(world.remoteGit('rev-parse', 'main')).toBe(tip);
  });

  it('refuses options, short names and half commit ids', async () => {
    const refused = { name: 'GitNameRefused' };
    await expect(
      pushRef(mirror, { ref: '--receive-pack=id', sha: tip, expected: null }),
    ).rejects.toMatchObject(refused);
    await expect(pushRef(mirror, { ref: 'main', sha: tip, expected: null })).rejects.toMatchObject(refused);
    await expect(
      pushRef(mirror, { ref: BRANCH, sha: tip.slice(0, 7), expected: null }),
    ).rejects.toMatchObject(refused);
    await expect(pushRef(mirror, { ref: BRANCH, sha: tip, expected: '--mirror' })).rejects.toMatchObject(
      refused,
    );
    await expect(readRemoteRef(mirror, '--upload-pack=id')).rejects.toMatchObject(refused);
  });
});

describe('a remote over HTTP', () => {
  let server: GitHttpServer;
  beforeEach(async () => {
    world.remoteGit('config', 'http.receivepack', 'true');
    server = await startGitHttpServer(world.remote, TOKEN);
  });
  afterEach(() => server.close());

  const openHttp = async (token?: string): Promise<Mirror> => {
    const http = await openMirror({ url: server.url, folder: world.mirrors, token });
    return http;
  };

  it('gets the token as a header, and fetches and pushes with it', async () => {
    const http = await openHttp(TOKEN);
    await fetchMirror(http);
    const sha = await createCommit(http, {
      parents: [tip],
      changes: [],
      message: 'm',
      author: BOT,
      date: DATE,
    });
    expect(await pushRef(http, { ref: BRANCH, sha, expected: null })).toBe('pushed');
    expect(world.remoteGit('rev-parse', BRANCH)).toBe(sha);
    expect(new Set(server.seen)).toEqual(
      new Set([`Basic ${Buffer.from(`x-access-token:${TOKEN}`).toString('base64')}`]),
    );
  });

  it.each([undefined, 'wrong-token'])(
    'says that the credential is refused (%s), without asking anybody and without showing it',
    async (token) => {
      const http = await openHttp(token);
      const failure = await fetchMirror(http).catch((error) => error);
      expect(failure).toMatchObject({ name: 'GitFailed', trouble: 'auth' });
      expect(JSON.stringify([failure.message, failure])).not.toContain('wrong-token');
    },
  );

  it('does not know the outcome when the line is cut, whether or not the push arrived', async () => {
    const http = await openHttp(TOKEN);
    await fetchMirror(http);
    const sha = await createCommit(http, {
      parents: [tip],
      changes: [],
      message: 'm',
      author: BOT,
      date: DATE,
    });
    const change = { ref: BRANCH, sha, expected: null };
    server.nextPush = 'cut-before';
    await expect(pushRef(http, change)).rejects.toMatchObject({ name: 'GitUnknownOutcome', ref: BRANCH });
    expect(await readRemoteRef(http, BRANCH)).toBeUndefined();
    server.nextPush = 'cut-after';
    await expect(pushRef(http, change)).rejects.toMatchObject({ name: 'GitUnknownOutcome', ref: BRANCH });
    expect(await readRemoteRef(http, BRANCH)).toBe(sha);
    expect(await pushRef(http, change)).toBe('pushed');
  });

  it('does not claim to know what a server did that answered a push with 503', async () => {
    const http = await openHttp(TOKEN);
    await fetchMirror(http);
    server.nextPush = 'unavailable';
    const pushed = pushRef(http, { ref: BRANCH, sha: tip, expected: null });
    await expect(pushed).rejects.toMatchObject({ name: 'GitUnknownOutcome' });
  });
});
