import { publish } from 'libnpmpublish';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { NpmRegistry } from '../../../../src/providers/registry/npm/kind.ts';
import { preflightNpm } from '../../../../src/providers/registry/npm/preflight.ts';
import type { RegistryProblem } from '../../../../src/providers/registry/registry.ts';
import { type HttpRecorder, startHttpRecorder } from '../../../support/network/http-recorder.ts';
import { startVerdaccio, type Verdaccio } from '../../../support/server/verdaccio.ts';

let registry: HttpRecorder | undefined;

afterEach(async () => {
  await registry?.stop();
  registry = undefined;
});

/** What npm's own registry answers about a package with a list of who may do what; verdaccio has no such list. */
async function look(rights: object | undefined, login = 'releaser'): Promise<string[]> {
  const json = (status: number, body: object) => ({
    status,
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  });
  registry = await startHttpRecorder(({ path }) => {
    if (path === '/-/whoami') return json(200, { username: login });
    if (path.startsWith('/-/package/@team%2fshop/collaborators')) {
      return rights === undefined ? json(404, { error: 'not found' }) : json(200, rights);
    }
    return json(200, { name: '@team/shop', versions: {}, 'dist-tags': {} });
  });
  const { url } = registry;
  const npm = {
    context: { name: 'npm', product: { path: '', scripts: {} } },
    settings: { url, access: 'restricted', token: 'npm_token', allowFirstPublish: true },
    connection: { registry: url, token: 'secret' },
  } as unknown as NpmRegistry;
  const files = { read: async () => null, list: async () => [] };
  return tell(await preflightNpm(npm, { name: '@team/shop' }, files));
}

const tell = (problems: RegistryProblem[]) => problems.map(({ found, advice }) => `${found}: ${advice}`);

describe('the right to publish', () => {
  test('a login among those who may write is in order', async () => {
    expect(await look({ releaser: 'write', guest: 'read' })).toEqual([]);
  });

  test('one that may only read, or is not among them at all, is told before anybody is asked', async () => {
    expect(await look({ releaser: 'read', ola: 'write' })).toEqual([
      expect.stringMatching(/^releaser may not publish @team\/shop on .*: have an owner/),
    ]);
    await registry?.stop();
    expect(await look({ ola: 'write', guest: 'read' })).toEqual([
      expect.stringMatching(
        /^the name @team\/shop is taken on .*, where it belongs to ola, and releaser may not publish it: take a name of your own, such as @releaser\/shop, or /,
      ),
    ]);
    await registry?.stop();
    // A name that every object has is nobody's right.
    expect(await look({ ola: 'write' }, 'constructor')).toHaveLength(1);
  });

  test('a registry without such a list says nothing', async () => {
    expect(await look(undefined)).toEqual([]);
  });
});

describe('a name on a real registry without such a list', () => {
  let verdaccio: Verdaccio;
  let token: string;
  const theirs = 'git+https://github.com/ada/shop.git';

  beforeAll(async () => {
    verdaccio = await startVerdaccio();
    token = await verdaccio.addUser('releaser');
    const ada = await verdaccio.addUser('ada');
    const manifest = { name: 'shop', version: '1.0.0', repository: theirs, maintainers: [{ name: 'ada' }] };
    await publish(manifest as never, Buffer.from('not looked at'), {
      registry: verdaccio.url,
      forceAuth: { token: ada },
    });
  });
  afterAll(() => verdaccio?.stop());

  async function lookAt(name: string, repository: unknown, as = token): Promise<string[]> {
    const npm = {
      context: { name: 'npm', product: { path: '', scripts: {} } },
      settings: { url: verdaccio.url, access: 'public', token: 'npm_token', allowFirstPublish: true },
      connection: { registry: verdaccio.url, token: as },
    } as unknown as NpmRegistry;
    const files = { read: async () => null, list: async () => [] };
    return tell(await preflightNpm(npm, { name, repository }, files));
  }

  test('is taken where others published it from another repository', async () => {
    expect(await lookAt('shop', { type: 'git', url: 'https://github.com/team/shop' })).toEqual([
      expect.stringMatching(
        /^the name shop is taken on 127\.0\.0\.1:\d+, where it belongs to ada, and releaser /,
      ),
    ]);
    expect(await lookAt('shop', 'team/shop')).toHaveLength(1);
  });

  test('is not where it is free, comes from our own repository, or nobody knows from which', async () => {
    expect(await lookAt('shop-of-ours', 'team/shop')).toEqual([]);
    expect(await lookAt('shop', 'github:ada/shop')).toEqual([]);
    expect(await lookAt('shop', 'git@github.com:ada/shop.git')).toEqual([]);
    expect(await lookAt('shop', undefined)).toEqual([]);
  });
});
