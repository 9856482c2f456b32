import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import type { NpmRegistry } from '../../../../src/providers/registry/npm/kind.ts';
import { openNpm } from '../../../../src/providers/registry/npm/open.ts';
import { preflightNpm } from '../../../../src/providers/registry/npm/preflight.ts';
import { startVerdaccio } from '../../../support/server/verdaccio.ts';

const NAME = '@team/shop';
const EXCHANGE = '/-/npm/v1/oidc/token/exchange/package/@team%2fshop';
/** Of the npm on the PATH; before 11.5 there is none. */
const [npm = ''] = execFileSync('sh', ['-c', 'command -v npm'], { encoding: 'utf8' }).split('\n');
const CLIENT = join(realpathSync(npm), '../../lib/utils/oidc.js');
let server: Server | undefined;

afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((done) => (server ? server.close(done) : done(undefined)));
  server = undefined;
});

/** GitHub's identity service and npm's registry at one address, as npm's own client speaks to them. */
async function start({ trusts = true, grants = true }: { trusts?: boolean; grants?: boolean } = {}) {
  const seen: string[] = [];
  server = createServer((request, response) => {
    const { method, url = '', headers } = request;
    seen.push(`${method} ${url} ${headers.authorization ?? ''}`);
    const say = (status: number, body: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    request.resume().on('end', () => {
      if (url.startsWith('/identity')) {
        if (headers.authorization !== 'Bearer request-token' || !grants) return say(403, {});
        return say(200, { value: 'an.identity.token' });
      }
      if (url === EXCHANGE && method === 'POST') {
        if (!trusts) return say(404, { message: 'package not found' });
        return headers.authorization === 'Bearer an.identity.token'
          ? say(201, { token: 'short-lived' })
          : say(401, {});
      }
      if (url === '/-/whoami') return say(200, { username: 'releaser' });
      if (method === 'PUT')
        return headers.authorization === 'Bearer short-lived' ? say(201, {}) : say(401, {});
      if (url.includes('collaborators')) return say(404, {});
      const old = { name: NAME, version: '0.9.0', dist: { tarball: '', integrity: 'sha512-x' } };
      return say(200, { name: NAME, versions: { '0.9.0': old }, 'dist-tags': { latest: '0.9.0' } });
    });
  });
  await new Promise<void>((done) => server!.listen(0, '127.0.0.1', done));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

const SECRETS: Record<string, string> = {
  long: 'long-lived',
  at: '',
  key: 'request-token',
  own: 'an.identity.token',
};

function describeRegistry(url: string, more: object = {}) {
  const context = {
    name: 'npm',
    product: { path: '', scripts: {} },
    settings: {
      ...{ url, access: 'public', token: 'long', allowFirstPublish: true },
      ...{ trustedPublishing: { requestUrl: 'at', requestToken: 'key' }, ...more },
    },
    signal: () => new AbortController().signal,
    secret: (name: string) => (name === 'at' ? `${url}/identity?api=1` : (SECRETS[name] ?? '')),
    store: { fetchTo: async (_: unknown, path: string) => writeFileSync(path, packShop()) },
    withScratch: async (work: (folder: string) => Promise<unknown>) => {
      const folder = mkdtempSync(join(tmpdir(), 'windlass-trusted-'));
      try {
        return await work(folder);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
  return context;
}

async function publish(url: string, more: object = {}) {
  const registry = openNpm(describeRegistry(url, more) as never);
  const built = {
    registry: 'npm',
    name: NAME,
    version: '1.0.0',
    digest: 'sha512-x',
    files: [{ name: 'p', content: {} }],
  };
  const { effects } = await registry.publish(built as never, 'shop-1');
  await effects[0]!.write();
}

async function look(url: string, more: object = {}) {
  const context = describeRegistry(url, more);
  const npm = { context, settings: context.settings, connection: { registry: url, token: 'long-lived' } };
  const files = { read: async () => null, list: async () => [] };
  const problems = await preflightNpm(npm as unknown as NpmRegistry, { name: NAME }, files);
  return problems.map(({ found, advice }) => `${found}: ${advice}`);
}

describe('trusted publishing', () => {
  it("publishes by the CI job's identity, asked for this registry, and never sends the long-lived token for it", async () => {
    const { url, seen } = await start();
    await publish(url);
    expect(seen.filter((line) => line.includes('/identity'))).toEqual([
      'GET /identity?api=1&audience=npm%3A127.0.0.1 Bearer request-token',
    ]);
    expect(seen).toContain(`POST ${EXCHANGE} Bearer an.identity.token`);
    expect(seen.filter((line) => line.startsWith('PUT'))).toEqual(['PUT /@team%2fshop Bearer short-lived']);
  });

  it.skipIf(!existsSync(CLIENT))("asks just what npm's own client asks", async () => {
    const { url, seen } = await start();
    const program = `
      const { oidc } = require(${JSON.stringify(CLIENT)});
      const set = {};
      const config = { set: (key, value) => { set[key] = value }, isDefault: () => false };
      oidc({ packageName: '${NAME}', registry: '${url}/', opts: { registry: '${url}/' }, config }).then(() => console.log(JSON.stringify(set)));
    `;
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', program], {
      env: {
        PATH: process.env['PATH'],
        GITHUB_ACTIONS: 'true',
        ACTIONS_ID_TOKEN_REQUEST_URL: `${url}/identity?api=1`,
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'request-token',
      },
    });
    expect(stdout).toContain('short-lived');
    const theirs = seen.splice(0);
    await publish(url);
    expect(seen.filter((line) => /identity|oidc/.test(line))).toEqual(theirs);
  });

  it('takes the identity that GitLab hands over', async () => {
    const { url, seen } = await start();
    await publish(url, { trustedPublishing: { idToken: 'own' } });
    expect(seen.some((line) => line.includes('/identity'))).toBe(false);
    expect(seen).toContain('PUT /@team%2fshop Bearer short-lived');
  });

  it('is tried at readiness: what is missing is told, and no token is taken instead', async () => {
    const { url } = await start();
    expect(await look(url)).toEqual([]);
    expect(await look(url, { token: undefined })).toEqual([
      expect.stringContaining('name a token for dist-tags and deprecation too (registries.npm.token)'),
    ]);
    expect(await look(url, { provenance: true, access: 'restricted' })).toEqual([
      expect.stringContaining('set registries.npm.access: public'),
    ]);
  });

  it.each([
    [{ trusts: false }, /404.*trusted publisher of @team\/shop/s],
    [{ grants: false }, /gave no identity \(it answered 403\).*id-token: write/s],
  ])('that is refused publishes nothing: %j', async (how, said) => {
    const { url, seen } = await start(how);
    expect((await look(url))[0]).toMatch(said);
    await expect(publish(url)).rejects.toThrow(said);
    expect(seen.filter((line) => line.startsWith('PUT'))).toEqual([]);
  });

  it('says what a registry lacks that has no such exchange', async () => {
    const verdaccio = await startVerdaccio();
    try {
      const problems = await look(verdaccio.url, { trustedPublishing: { idToken: 'own' } });
      expect(problems.join('\n')).toContain('was never published, and only a package that is there');
      await expect(publish(verdaccio.url, { trustedPublishing: { idToken: 'own' } })).rejects.toThrow(
        /404|401/,
      );
    } finally {
      await verdaccio.stop();
    }
  });
});

/** A package as it was packed. */
function packShop(): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'windlass-shop-'));
  try {
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: NAME, version: '1.0.0' }));
    execFileSync('npm', ['pack', '--silent'], { cwd: folder });
    return readFileSync(join(folder, 'team-shop-1.0.0.tgz'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
