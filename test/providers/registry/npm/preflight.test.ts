import { afterEach, describe, expect, test } from 'vitest';
import type { NpmRegistry } from '../../../../src/providers/registry/npm/kind.ts';
import { preflightNpm } from '../../../../src/providers/registry/npm/preflight.ts';
import { type HttpRecorder, startHttpRecorder } from '../../../support/network/http-recorder.ts';

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
  return await preflightNpm(npm, { name: '@team/shop' }, { read: async () => null, list: async () => [] });
}

describe('the right to publish', () => {
  test('a login among those who may write is in order', async () => {
    expect(await look({ releaser: 'write', guest: 'read' })).toEqual([]);
  });

  test('one that may only read, or is not among them at all, is told before anybody is asked', async () => {
    const refused = [expect.stringMatching(/^releaser may not publish @team\/shop on .*: have an owner/)];
    expect(await look({ releaser: 'read', ola: 'write' })).toEqual(refused);
    await registry?.stop();
    expect(await look({ ola: 'write' })).toEqual(refused);
    await registry?.stop();
    // A name that every object has is nobody's right.
    expect(await look({ ola: 'write' }, 'constructor')).toHaveLength(1);
  });

  test('a registry without such a list says nothing', async () => {
    expect(await look(undefined)).toEqual([]);
  });
});
