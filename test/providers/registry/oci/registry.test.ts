import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OciFailure } from '../../../../src/providers/registry/oci/failure.ts';
import {
  readManifest,
  readManifestDigest,
  tagManifest,
} from '../../../../src/providers/registry/oci/manifest.ts';
import { preflightOci } from '../../../../src/providers/registry/oci/preflight.ts';
import { pushImage } from '../../../../src/providers/registry/oci/push.ts';
import { openRepository } from '../../../../src/providers/registry/oci/registry.ts';
import { writeImageLayout } from '../../../support/fixture/oci-layout.ts';
import { type CuttingProxy, startCuttingProxy } from '../../../support/network/cutting-proxy.ts';
import { findFreePort } from '../../../support/network/free-port.ts';
import { startHttpRecorder } from '../../../support/network/http-recorder.ts';
import {
  type DockerRegistry,
  dockerRegistryInstalled,
  REGISTRY_LOGIN,
  startDockerRegistry,
} from '../../../support/server/docker-registry.ts';
import { startTokenService } from '../../../support/server/token-service.ts';

if (!dockerRegistryInstalled) {
  console.warn('SKIPPED: docker-registry is not installed (apt-get install -y docker-registry)');
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'windlass-oci-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function writeLayout(options: { layers?: Buffer[]; platforms?: string[] } = {}) {
  const layers = options.layers ?? [randomBytes(2000), randomBytes(3000)];
  return writeImageLayout(await mkdtemp(join(folder, 'image-')), { ...options, layers });
}

async function failureOf(promise: Promise<unknown>): Promise<OciFailure> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(OciFailure);
  expect((error as Error).message).not.toContain(REGISTRY_LOGIN.password);
  return error as OciFailure;
}

describe.skipIf(!dockerRegistryInstalled)('a registry with a login', () => {
  let registry: DockerRegistry;
  let proxy: CuttingProxy;

  beforeAll(async () => {
    registry = await startDockerRegistry({ auth: 'basic' });
    proxy = await startCuttingProxy(registry.port);
  });
  afterAll(async () => {
    await proxy?.stop();
    await registry?.stop();
  });

  function open(name: string, over: object = {}) {
    return openRepository({
      repository: `${registry.host}/${name}`,
      insecure: true,
      ...REGISTRY_LOGIN,
      ...over,
    });
  }

  /** Asks the registry as a client of its own would. */
  async function look(path: string) {
    const login = Buffer.from(`${REGISTRY_LOGIN.username}:${REGISTRY_LOGIN.password}`).toString('base64');
    const response = await fetch(`${registry.url}v2/${path}`, {
      headers: { authorization: `Basic ${login}`, accept: 'application/vnd.oci.image.manifest.v1+json' },
    });
    return { status: response.status, bytes: Buffer.from(await response.arrayBuffer()) };
  }

  test('pushes an image by its digest, layer by layer, under no tag; the second time sends nothing', async () => {
    const layout = await writeLayout();
    const repository = open('team/shop');
    expect(await readManifestDigest(repository, layout.digest)).toBeUndefined();
    expect(await pushImage(repository, { layoutFolder: layout.folder })).toEqual({
      digest: layout.digest,
      outcome: 'pushed',
      uploadedBlobs: 3,
    });
    expect(await pushImage(repository, { layoutFolder: layout.folder })).toMatchObject({
      outcome: 'already_there',
      uploadedBlobs: 0,
    });
    const manifest = await look(`team/shop/manifests/${layout.digest}`);
    expect(`sha256:${createHash('sha256').update(manifest.bytes).digest('hex')}`).toBe(layout.digest);
    for (const layer of layout.layers) {
      const path = join(layout.folder, 'blobs', 'sha256', layer.replace('sha256:', ''));
      expect((await look(`team/shop/blobs/${layer}`)).bytes.equals(await readFile(path))).toBe(true);
    }
    expect(JSON.parse((await look('team/shop/tags/list')).bytes.toString()).tags ?? []).toEqual([]);
  });

  test('an image for several platforms is pushed whole, and layers that are there are not sent again', async () => {
    const shared = randomBytes(5000);
    const single = await writeLayout({ layers: [shared] });
    const both = await writeLayout({ layers: [shared], platforms: ['amd64', 'arm64'] });
    const repository = open('team/platforms');
    await pushImage(repository, { layoutFolder: single.folder });
    const receipt = await pushImage(repository, { layoutFolder: both.folder });
    // One config is new (arm64's); the layer and amd64's config are there.
    expect(receipt).toEqual({ digest: both.digest, outcome: 'pushed', uploadedBlobs: 1 });
    const index = await readManifest(repository, both.digest);
    for (const { digest } of JSON.parse(index?.bytes.toString() ?? '').manifests) {
      expect(await readManifestDigest(repository, digest)).toBe(digest);
    }
  });

  test('a tag is set once, never moved silently, and moved only from the image that is named', async () => {
    const [old, next] = [await writeLayout(), await writeLayout()];
    const repository = open('team/tags');
    for (const { folder: layoutFolder } of [old, next]) await pushImage(repository, { layoutFolder });
    expect(await tagManifest(repository, { digest: old.digest, tag: '1.0.0' })).toBe('tagged');
    expect(await tagManifest(repository, { digest: old.digest, tag: '1.0.0' })).toBe('already_there');
    const conflict = await failureOf(tagManifest(repository, { digest: next.digest, tag: '1.0.0' }));
    expect(conflict).toMatchObject({ outcome: 'unchanged', retryable: false });
    expect(conflict.message).toContain(old.digest);
    expect(conflict.message).toContain(next.digest);
    expect(await readManifestDigest(repository, '1.0.0')).toBe(old.digest);
    await tagManifest(repository, { digest: old.digest, tag: 'latest' });
    expect(await tagManifest(repository, { digest: next.digest, tag: 'latest', replaces: old.digest })).toBe(
      'tagged',
    );
    expect(await readManifestDigest(repository, 'latest')).toBe(next.digest);
    const missing = `sha256:${'0'.repeat(64)}`;
    expect((await failureOf(tagManifest(repository, { digest: missing, tag: 'x' }))).message).toContain(
      'does not hold',
    );
  });

  test('lost answers at a layer, at the manifest and at the tag: repeated, and the image is whole', async () => {
    const layout = await writeLayout();
    const repository = openRepository({
      repository: `127.0.0.1:${proxy.port}/team/lost`,
      insecure: true,
      ...REGISTRY_LOGIN,
    });
    const push = () => pushImage(repository, { layoutFolder: layout.folder });
    proxy.cutAnswerTo(/^PUT \/v2\/team\/lost\/blobs/);
    expect(await failureOf(push())).toMatchObject({ outcome: 'unknown', retryable: true });
    proxy.cutAnswerTo(/^PUT \/v2\/team\/lost\/manifests/);
    expect(await failureOf(push())).toMatchObject({ outcome: 'unknown', retryable: true });
    expect(await push()).toMatchObject({ digest: layout.digest, outcome: 'already_there' });
    const tag = () => tagManifest(repository, { digest: layout.digest, tag: '1.0.0' });
    proxy.cutAnswerTo(/^PUT \/v2\/team\/lost\/manifests\/1/);
    expect(await failureOf(tag())).toMatchObject({ outcome: 'unknown', retryable: true });
    expect(await tag()).toBe('already_there');
    expect(proxy.lost()).toBeGreaterThanOrEqual(3);
  });

  test('a wrong password and none are refused without a change, and a read-only look fails the same way', async () => {
    const layout = await writeLayout();
    for (const login of [{ password: 'wrong' }, { username: undefined, password: undefined }]) {
      const failure = await failureOf(pushImage(open('team/denied', login), { layoutFolder: layout.folder }));
      expect(failure).toMatchObject({ status: 401, outcome: 'unchanged', retryable: false });
      expect(failure.message).toContain('User or password');
    }
    expect((await look('team/denied/tags/list')).status).toBe(404);
  });

  test('before a release it says whether the login may push, and leaves nothing behind', async () => {
    expect(await preflightOci(open('team/not-there-yet'))).toEqual([]);
    expect(await preflightOci(open('team/shop', { password: 'wrong' }))).toEqual([
      {
        found: expect.stringContaining('answered 401'),
        advice: expect.stringContaining('User or password is missing, wrong or expired'),
      },
    ]);
    expect((await look('team/not-there-yet/tags/list')).status).toBe(404);
  });

  test('a login that may only pull is told from one that may push', async () => {
    const reader = await startHttpRecorder(({ method }) =>
      method === 'POST'
        ? { status: 403, body: '{"errors":[{"code":"DENIED","message":"requested access is denied"}]}' }
        : { status: 200, body: '{"tags":[]}', headers: { 'content-type': 'application/json' } },
    );
    const repository = `${new URL(reader.url).host}/team/shop`;
    expect(await preflightOci(openRepository({ repository, insecure: true }))).toEqual([
      {
        found: expect.stringContaining('DENIED'),
        advice: expect.stringContaining('The login has no right to do this'),
      },
    ]);
    await reader.stop();
  });

  test('a broken or incomplete layout is refused before anything is sent', async () => {
    const layout = await writeLayout();
    const [layer = ''] = layout.layers;
    await writeFile(join(layout.folder, 'blobs', 'sha256', layer.replace('sha256:', '')), 'tampered with');
    const broken = await failureOf(pushImage(open('team/broken'), { layoutFolder: layout.folder }));
    expect(broken.message).toContain(`named ${layer}`);
    const empty = await failureOf(pushImage(open('team/broken'), { layoutFolder: folder }));
    expect(empty.message).toContain('index.json');
    await writeFile(
      join(layout.folder, 'index.json'),
      JSON.stringify({ manifests: [{ digest: 'sha256:../../../../etc/passwd' }] }),
    );
    const outside = await failureOf(pushImage(open('team/broken'), { layoutFolder: layout.folder }));
    expect(outside.message).toContain('something else than a sha256 digest');
    expect((await look('team/broken/tags/list')).status).toBe(404);
  });
});

describe.skipIf(!dockerRegistryInstalled)('a registry with tokens', () => {
  test('a push follows the challenge to the token service; a wrong password ends there', async () => {
    const service = await startTokenService(REGISTRY_LOGIN);
    const registry = await startDockerRegistry({ auth: service });
    try {
      const layout = await writeLayout();
      const options = { repository: `${registry.host}/team/shop`, insecure: true };
      const repository = openRepository({ ...options, ...REGISTRY_LOGIN });
      expect(await pushImage(repository, { layoutFolder: layout.folder })).toMatchObject({
        outcome: 'pushed',
      });
      expect(await tagManifest(repository, { digest: layout.digest, tag: '1.0.0' })).toBe('tagged');
      // One token serves the whole push.
      expect(service.recorder.requests).toHaveLength(1);
      const wrong = openRepository({ ...options, ...REGISTRY_LOGIN, password: 'wrong' });
      const failure = await failureOf(readManifestDigest(wrong, '1.0.0'));
      expect(failure).toMatchObject({ status: 401, retryable: false, outcome: 'unchanged' });
    } finally {
      await registry.stop();
      await service.stop();
    }
  });
});

describe('a registry that is away, slow or lying', () => {
  test('bytes that do not have the digest that is stated, or asked for, are refused', async () => {
    const bytes = JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
    });
    const truth = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    const lie = `sha256:${'a'.repeat(64)}`;
    const liar = await startHttpRecorder(() => ({
      status: 200,
      body: bytes,
      headers: { 'docker-content-digest': lie },
    }));
    const mute = await startHttpRecorder(() => ({ status: 200, body: bytes }));
    const at = (url: string) =>
      openRepository({ repository: `${new URL(url).host}/team/shop`, insecure: true });
    const failures = [
      await failureOf(readManifestDigest(at(liar.url), '1.0.0')),
      await failureOf(readManifestDigest(at(liar.url), lie)),
      await failureOf(readManifestDigest(at(mute.url), lie)),
    ];
    expect(await readManifestDigest(at(mute.url), '1.0.0')).toBe(truth);
    await Promise.all([liar.stop(), mute.stop()]);
    for (const failure of failures) {
      expect(failure).toMatchObject({ retryable: false, outcome: 'unchanged' });
      expect(failure.message).toContain(truth);
      expect(failure.message).toContain(lie);
    }
  });

  test('silence ends at the time limit or at the signal; a 503 and a 429 are retryable; nobody there is unchanged', async () => {
    const silent = await startHttpRecorder(() => 'hang');
    const answers = [{ status: 503 }, { status: 429 }];
    const busy = await startHttpRecorder(() => answers.shift() ?? { status: 500 });
    const at = (host: string, over: object = {}) =>
      openRepository({ repository: `${host}/team/shop`, insecure: true, ...over });
    const host = new URL(silent.url).host;
    const slow = await failureOf(readManifestDigest(at(host, { timeoutMs: 100 }), '1'));
    const stopped = await failureOf(readManifestDigest(at(host, { signal: AbortSignal.timeout(50) }), '1'));
    const broken = await failureOf(readManifestDigest(at(new URL(busy.url).host), '1'));
    const limited = await failureOf(readManifestDigest(at(new URL(busy.url).host), '1'));
    const away = await failureOf(readManifestDigest(at(`127.0.0.1:${await findFreePort()}`), '1'));
    await Promise.all([silent.stop(), busy.stop()]);
    for (const failure of [slow, stopped, broken, limited, away]) {
      expect(failure).toMatchObject({ retryable: true, outcome: 'unchanged' });
    }
    expect([broken.status, limited.status]).toEqual([503, 429]);
    expect(away.message).toContain('cannot be reached');
  });

  test.each([
    'host:5000/Team/Shop',
    'host:5000/team/../../x',
    'host:5000/team/shop:latest',
    'user@host.example/x',
    '',
  ])('the name %j is refused', (repository) => {
    expect(() => openRepository({ repository })).toThrow('is not a container repository');
  });

  test('names without a host are Docker Hub’s, and a tag that is no tag never becomes a path', async () => {
    expect(openRepository({ repository: 'team/shop' }).host).toBe('registry-1.docker.io');
    expect(openRepository({ repository: 'localhost/shop' }).host).toBe('localhost');
    const failure = await failureOf(
      readManifestDigest(openRepository({ repository: 'a.example/x' }), '../../secrets'),
    );
    expect(failure.message).toContain('neither a tag nor a sha256 digest');
  });
});
