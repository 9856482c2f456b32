import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packPackage } from '../../../../src/providers/registry/npm/pack.ts';
import {
  checkLogin,
  deprecate,
  fetchTarball,
  NpmFailure,
  publishTarball,
  readPackage,
  readPublished,
  removeDistTag,
  setDistTag,
} from '../../../../src/providers/registry/npm/registry.ts';
import { makeCertificate } from '../../../support/network/certificate.ts';
import { type CuttingProxy, startCuttingProxy } from '../../../support/network/cutting-proxy.ts';
import { startHttpRecorder } from '../../../support/network/http-recorder.ts';
import { startVerdaccio, type Verdaccio } from '../../../support/server/verdaccio.ts';

let registry: Verdaccio;
let proxy: CuttingProxy;
let token: string;
let folder: string;

beforeAll(async () => {
  registry = await startVerdaccio();
  proxy = await startCuttingProxy(registry.port);
  token = await registry.addUser('releaser');
  folder = await mkdtemp(join(tmpdir(), 'windlass-npm-test-'));
});

afterAll(async () => {
  await proxy?.stop();
  await registry?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function pack(name: string, version: string, fields: object = {}, content = 'export {};\n') {
  const source = join(folder, 'src', `${name.replace('/', '+')}-${version}-${content.length}`);
  await mkdir(source, { recursive: true });
  await writeFile(join(source, 'package.json'), JSON.stringify({ name, version, ...fields }));
  await writeFile(join(source, 'index.js'), content);
  return packPackage({ folder: source, outFolder: `${source}-packed` });
}

async function failureOf(promise: Promise<unknown>): Promise<NpmFailure> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(NpmFailure);
  expect((error as Error).message).not.toContain(token);
  return error as NpmFailure;
}

describe('packing', () => {
  test('measures the very bytes of the file and runs no script of the package', async () => {
    const packed = await pack('@team/measured', '1.0.0', {
      scripts: { prepack: 'touch ran', prepare: 'exit 1' },
    });
    const bytes = await readFile(packed.file);
    expect(packed).toMatchObject({ name: '@team/measured', version: '1.0.0', bytes: bytes.length });
    expect(packed.integrity).toBe(`sha512-${createHash('sha512').update(bytes).digest('base64')}`);
    expect(packed.shasum).toBe(createHash('sha1').update(bytes).digest('hex'));
  });

  test('packing the same folder twice gives the same bytes', async () => {
    const first = await pack('twice', '1.0.0');
    const second = await pack('twice', '1.0.0');
    expect(second.integrity).toBe(first.integrity);
  });

  test('says what npm says about a folder that is no package', async () => {
    const empty = join(folder, 'empty');
    await mkdir(empty);
    const failure = await failureOf(packPackage({ folder: empty, outFolder: join(folder, 'out') }));
    expect(failure).toMatchObject({ retryable: false, outcome: 'unchanged' });
    expect(failure.message).toContain('package.json');
  });
});

describe('publishing', () => {
  test('puts the packed bytes under the asked tag, leaves latest alone, and gives them back', async () => {
    const first = await pack('shop', '1.0.0');
    expect((await readPackage({ registry: registry.url, token, name: 'shop' })).exists).toBe(false);
    await publishTarball({
      registry: registry.url,
      token,
      file: first.file,
      tag: 'latest',
      access: 'public',
    });
    const second = await pack('shop', '1.1.0', { tag: 'latest' });
    const outcome = await publishTarball({
      registry: registry.url,
      token,
      file: second.file,
      tag: 'windlass-1.1.0',
      access: 'public',
    });
    expect(outcome).toBe('published');
    expect(await readPackage({ registry: registry.url, token, name: 'shop' })).toEqual({
      exists: true,
      versions: ['1.0.0', '1.1.0'],
      distTags: { latest: '1.0.0', 'windlass-1.1.0': '1.1.0' },
    });
    const fetched = await fetchTarball({ registry: registry.url, name: 'shop', version: '1.1.0' });
    expect(fetched.bytes.equals(await readFile(second.file))).toBe(true);
    expect(fetched.integrity).toBe(second.integrity);
    expect(await readPublished({ registry: registry.url, name: 'shop', version: '9.9.9' })).toBeUndefined();
  });

  test('a first publish sets latest whatever is asked, which readPackage lets the caller know before', async () => {
    const packed = await pack('newcomer', '0.1.0');
    const before = await readPackage({ registry: registry.url, name: 'newcomer' });
    await publishTarball({
      registry: registry.url,
      token,
      file: packed.file,
      tag: 'windlass-0.1.0',
      access: 'public',
    });
    expect(before).toEqual({ exists: false, versions: [], distTags: {} });
    expect((await readPackage({ registry: registry.url, name: 'newcomer' })).distTags['latest']).toBe(
      '0.1.0',
    );
  });

  test('a lost answer is unknown, and the repetition finds the same bytes there', async () => {
    const packed = await pack('lost-answer', '1.0.0');
    const request = {
      registry: proxy.url,
      token,
      file: packed.file,
      tag: 'latest',
      access: 'public' as const,
    };
    proxy.cutAnswerTo(/^PUT \/lost-answer/);
    const failure = await failureOf(publishTarball(request));
    expect(failure).toMatchObject({ outcome: 'unknown', retryable: true, status: undefined });
    expect(await publishTarball(request)).toBe('already_there');
    const there = await readPublished({ registry: registry.url, name: 'lost-answer', version: '1.0.0' });
    expect(there?.integrity).toBe(packed.integrity);
  });

  test('four racing publishes of the same bytes: one published, no other thinks so, and a repetition settles each', async () => {
    const packed = await pack('raced', '1.0.0');
    const request = {
      registry: registry.url,
      token,
      file: packed.file,
      tag: 'latest',
      access: 'public' as const,
    };
    const settled = await Promise.allSettled([1, 2, 3, 4].map(() => publishTarball(request)));
    const published = settled.filter((one) => one.status === 'fulfilled' && one.value === 'published');
    // Verdaccio answers 500 (unknown) or 409 (unchanged) to those who race for a package's very first version: either
    // way nobody else thinks that it published, and the same call again settles it.
    const failures = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    expect(published).toHaveLength(1);
    for (const failure of failures) expect(failure).toMatchObject({ name: 'NpmFailure', retryable: true });
    for (const _failure of failures) expect(await publishTarball(request)).toBe('already_there');
    const there = await readPublished({ registry: registry.url, name: 'raced', version: '1.0.0' });
    expect(there?.integrity).toBe(packed.integrity);
  });

  test('a version with other content is a conflict that shows both digests', async () => {
    const theirs = await pack('taken', '1.0.0', {}, 'export const theirs = 1;\n');
    const ours = await pack('taken', '1.0.0', {}, 'export const ours = 12345;\n');
    await publishTarball({
      registry: registry.url,
      token,
      file: theirs.file,
      tag: 'latest',
      access: 'public',
    });
    const failure = await failureOf(
      publishTarball({ registry: registry.url, token, file: ours.file, tag: 'latest', access: 'public' }),
    );
    expect(failure).toMatchObject({ outcome: 'unchanged', retryable: false });
    expect(failure.message).toContain(theirs.integrity);
    expect(failure.message).toContain(ours.integrity);
  });

  test('a 403 after success is success if the bytes are ours, and a refusal if nothing is there', async () => {
    const packed = await pack('refused', '1.0.0');
    const dist = { integrity: packed.integrity, tarball: 'http://x.example/refused.tgz' };
    let document: object = {};
    const strict = await startHttpRecorder(({ method }) =>
      method === 'PUT'
        ? { status: 403, body: '{"error":"You cannot publish over the previously published versions"}' }
        : { status: 200, body: JSON.stringify(document) },
    );
    const request = {
      registry: strict.url,
      token,
      file: packed.file,
      tag: 'latest',
      access: 'public' as const,
    };
    const refused = await failureOf(publishTarball(request));
    document = { versions: { '1.0.0': { dist } } };
    const there = await publishTarball(request);
    await strict.stop();
    expect(refused).toMatchObject({ status: 403, outcome: 'unchanged', retryable: false });
    expect(there).toBe('already_there');
  });

  test.each(['../../other', '1.0.0', 'x', '', 'a b'])(
    'the dist-tag %j is refused before anything is sent',
    async (tag) => {
      const { file } = await pack('tag-names', '1.0.0');
      const named = { registry: registry.url, token, name: 'tag-names' };
      await failureOf(publishTarball({ ...named, file, tag, access: 'public' }));
      await failureOf(setDistTag({ ...named, version: '1.0.0', tag }));
      await failureOf(removeDistTag({ ...named, tag }));
      expect((await readPackage(named)).exists).toBe(false);
    },
  );

  test.each([
    ['a wrong token', 'not-a-token', 'lonely'],
    ['no token', undefined, 'lonely'],
    ['a token without the right', 'good', '@owned/thing'],
  ])('%s changes nothing and says what to do', async (_what, given, name) => {
    const packed = await pack(name, '1.0.0');
    const used = given === 'good' ? token : given;
    const failure = await failureOf(
      publishTarball({
        registry: registry.url,
        token: used,
        file: packed.file,
        tag: 'latest',
        access: 'public',
      }),
    );
    expect(failure).toMatchObject({ outcome: 'unchanged', retryable: false });
    expect([401, 403]).toContain(failure.status);
    expect(failure.message).toContain('Nothing was changed.');
    expect(failure.message).toMatch(/token/);
    expect((await readPackage({ registry: registry.url, name })).exists).toBe(false);
  });

  test('a private package and a name that would leave its path are refused before anything is sent', async () => {
    const packed = await pack('secretive', '1.0.0', { private: true });
    const failure = await failureOf(
      publishTarball({ registry: registry.url, token, file: packed.file, tag: 'latest', access: 'public' }),
    );
    expect(failure.message).toContain('"private": true');
    const traversal = await failureOf(readPackage({ registry: registry.url, name: '../-/whoami' }));
    expect(traversal.message).toContain('not a name');
  });
});

describe('dist-tags, deprecation, login', () => {
  test('moves a tag, removes one, removes it again, and refuses to remove latest', async () => {
    for (const version of ['1.0.0', '2.0.0']) {
      const { file } = await pack('tagged', version);
      await publishTarball({
        registry: registry.url,
        token,
        file,
        tag: `windlass-${version}`,
        access: 'public',
      });
    }
    const named = { registry: registry.url, token, name: 'tagged' };
    await setDistTag({ ...named, tag: 'latest', version: '2.0.0' });
    await setDistTag({ ...named, tag: 'latest', version: '2.0.0' });
    await removeDistTag({ ...named, tag: 'windlass-1.0.0' });
    await removeDistTag({ ...named, tag: 'windlass-1.0.0' });
    expect((await readPackage(named)).distTags).toEqual({ latest: '2.0.0', 'windlass-2.0.0': '2.0.0' });
    expect((await failureOf(removeDistTag({ ...named, tag: 'latest' }))).outcome).toBe('unchanged');
  });

  test('deprecates one version, once, and leaves its bytes, the others and the tags alone', async () => {
    for (const version of ['1.0.0', '1.0.1']) {
      const { file } = await pack('old', version);
      await publishTarball({ registry: registry.url, token, file, tag: 'latest', access: 'public' });
    }
    const named = { registry: registry.url, token, name: 'old' };
    const before = await readPublished({ ...named, version: '1.0.1' });
    const message = 'Rolled back: checkout fails. Use 1.0.0.';
    await deprecate({ ...named, version: '1.0.1', message });
    await deprecate({ ...named, version: '1.0.1', message });
    expect(await readPublished({ ...named, version: '1.0.1' })).toEqual({ ...before, deprecated: message });
    expect((await readPublished({ ...named, version: '1.0.0' }))?.deprecated).toBeUndefined();
    expect((await readPackage(named)).distTags).toEqual({ latest: '1.0.1' });
  });

  test('says whose token it is, and refuses a wrong one', async () => {
    expect(await checkLogin({ registry: registry.url, token })).toBe('releaser');
    const failure = await failureOf(checkLogin({ registry: registry.url, token: 'wrong' }));
    expect(failure).toMatchObject({ status: 401, retryable: false });
  });
});

describe('a registry that is away, slow, lying or broken', () => {
  test('one that nobody listens at is unchanged and retryable', async () => {
    const failure = await failureOf(readPackage({ registry: 'http://127.0.0.1:9/', name: 'shop' }));
    expect(failure).toMatchObject({ outcome: 'unchanged', retryable: true });
    expect(failure.message).toContain('cannot be reached');
  });

  test('one that never answers is given up at the time limit, and at the caller’s signal', async () => {
    proxy.stallAnswerTo(/^GET \/slow-one/);
    const slow = { registry: proxy.url, name: 'slow-one' };
    expect(await failureOf(readPackage({ ...slow, timeoutMs: 200 }))).toMatchObject({ retryable: true });
    proxy.stallAnswerTo(/^GET \/slow-two/);
    const stop = AbortSignal.timeout(100);
    await failureOf(readPackage({ registry: proxy.url, name: 'slow-two', signal: stop }));
    expect(stop.aborted).toBe(true);
  });

  test('a certificate that nobody trusts ends a write before it is sent, and the clock is named', async () => {
    const server = createHttpsServer(await makeCertificate(), (_request, response) => response.end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const failure = await failureOf(
      setDistTag({ registry: url, token, name: 'shop', version: '1.0.0', tag: 'next' }),
    );
    server.close();
    expect(failure).toMatchObject({ outcome: 'unchanged' });
    expect(failure.message).toMatch(/self-signed certificate.*clock/);
  });

  test('a lie about the digest shows, because the digest is computed over the bytes that came', async () => {
    const bytes = Buffer.from('these are not the bytes that were promised');
    const promised = `sha512-${createHash('sha512').update('promised').digest('base64')}`;
    const liar = createServer((request, response) => {
      if (request.url?.endsWith('.tgz')) return response.end(bytes);
      const { port } = liar.address() as AddressInfo;
      const dist = { integrity: promised, tarball: `http://127.0.0.1:${port}/liar.tgz` };
      return response.end(JSON.stringify({ versions: { '1.0.0': { dist } }, 'dist-tags': {} }));
    });
    await new Promise<void>((resolve) => liar.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(liar.address() as AddressInfo).port}/`;
    const fetched = await fetchTarball({ registry: url, name: 'liar', version: '1.0.0' });
    liar.close();
    expect(fetched.statedIntegrity).toBe(promised);
    expect(fetched.integrity).toBe(`sha512-${createHash('sha512').update(bytes).digest('base64')}`);
  });

  test('a login page in the registry’s place, a 503 and a 429 are told apart, and an echoed token is masked', async () => {
    const answers = [
      { status: 200, body: '<html>please log in</html>' },
      { status: 503, body: JSON.stringify({ error: `upstream said no to ${token}` }) },
      { status: 429, body: '{}' },
    ];
    const odd = createServer((request, response) => {
      request.resume();
      const answer = answers.shift();
      response.writeHead(answer?.status ?? 500).end(answer?.body);
    });
    await new Promise<void>((resolve) => odd.listen(0, '127.0.0.1', resolve));
    const at = { registry: `http://127.0.0.1:${(odd.address() as AddressInfo).port}/`, token, name: 'x' };
    const page = await failureOf(readPackage(at));
    const broken = await failureOf(setDistTag({ ...at, version: '1.0.0', tag: 'next' }));
    const busy = await failureOf(setDistTag({ ...at, version: '1.0.0', tag: 'next' }));
    odd.close();
    expect(page.message).toContain('not what an npm registry says');
    expect(broken).toMatchObject({ status: 503, retryable: true, outcome: 'unknown' });
    expect(broken.message).toContain('upstream said no to ***');
    expect(busy).toMatchObject({ status: 429, retryable: true, outcome: 'unchanged' });
  });
});
