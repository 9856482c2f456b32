import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openS3Store } from '../../../src/providers/store/s3/s3-store.ts';
import { type FakeS3, startFakeS3 } from './fake-s3.ts';

const BYTES = Buffer.from('a tarball\0\xff', 'latin1');
const HEX = createHash('sha256').update(BYTES).digest('hex');
const KEY = `sha256/${HEX.slice(0, 2)}/${HEX}`;
let root: string;
let s3: FakeS3;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'windlass-s3-test-'));
  s3 = await startFakeS3();
});
afterEach(async () => {
  await s3.close();
  rmSync(root, { recursive: true, force: true });
});

describe('the S3 store', () => {
  it('gives back what was put, under its SHA-256, from bytes and from a file', async () => {
    const store = openS3Store(s3);
    const ref = await store.put(BYTES, 'application/gzip');
    expect(ref).toEqual({ digest: `sha256:${HEX}`, bytes: BYTES.length, mediaType: 'application/gzip' });
    writeFileSync(join(root, 'file'), BYTES);
    s3.objects.clear();
    expect(await store.putFile(join(root, 'file'))).toEqual({ digest: `sha256:${HEX}`, bytes: BYTES.length });
    expect(s3.objects.get(KEY)).toEqual(BYTES);
    expect(await store.has(ref)).toBe(true);
    expect(await store.read(ref)).toEqual(BYTES);
    await store.fetchTo(ref, join(root, 'out', 'copy'));
    expect(readFileSync(join(root, 'out', 'copy'))).toEqual(BYTES);
  });

  it('never gives out an object that went bad, and is mended by putting it again', async () => {
    const store = openS3Store(s3);
    const ref = await store.put(BYTES);
    s3.objects.set(KEY, Buffer.from('somebody else'));
    await expect(store.read(ref)).rejects.toMatchObject({ name: 'StoreCorrupt' });
    await expect(store.fetchTo(ref, join(root, 'copy'))).rejects.toMatchObject({ name: 'StoreCorrupt' });
    expect(readdirSync(root)).toEqual([]);
    expect(await store.has(ref)).toBe(false);
    await store.put(BYTES);
    expect(await store.read(ref)).toEqual(BYTES);
  });

  it('keeps nothing that was damaged on the way', async () => {
    s3.damage = (body) => body.subarray(1);
    await expect(openS3Store(s3).put(BYTES)).rejects.toMatchObject({
      name: 'StoreUnavailable',
      message: expect.stringContaining('400 XAmzContentSHA256Mismatch'),
    });
    expect(s3.objects.size).toBe(0);
  });

  it('deletes what is told to go, once or again, and nothing else', async () => {
    const store = openS3Store(s3);
    const [gone, stays] = [await store.put(BYTES), await store.put(Buffer.from('other'))];
    await store.remove(gone.digest);
    await store.remove(gone.digest);
    expect([await store.has(gone), await store.has(stays)]).toEqual([false, true]);
    await expect(store.remove('sha256:../../x')).rejects.toMatchObject({ name: 'StoreNameRefused' });
  });

  it('makes a named entry only where there is none, also when the answer to its own request was lost', async () => {
    const store = openS3Store(s3);
    expect(await store.createNamed('ledger/shop/1.json', Buffer.from('first'))).toBe(true);
    expect(await store.createNamed('ledger/shop/1.json', Buffer.from('second'))).toBe(false);
    expect((await store.readNamed('ledger/shop/1.json'))?.toString()).toBe('first');
    expect(await store.createNamed('ledger/shop/1.json', Buffer.from('first'))).toBe(true);
  });

  it('writes, replaces, reads and lists named entries over several pages', async () => {
    const store = openS3Store(s3);
    const names = [
      'records/shop/1.0.0+b.5.json',
      'records/shop/1.1.0.json',
      'records/shop/a@1.json',
      'records/shop/z.json',
      'records/shop/zz.json',
    ];
    for (const name of [...names].reverse()) await store.putNamed(name, Buffer.from(`old ${name}`));
    await store.putNamed(names[0]!, Buffer.from('new'));
    await store.putNamed('issues/shop/1.md', Buffer.from('# Issue'));
    expect((await store.readNamed(names[0]!))?.toString()).toBe('new');
    expect(await store.readNamed('records/shop/none.json')).toBeUndefined();
    expect(await store.listNamed('records/shop/')).toEqual(names);
    expect(await store.listNamed('')).toEqual(['issues/shop/1.md', ...names]);
    await expect(store.putNamed('../x', BYTES)).rejects.toMatchObject({ name: 'StoreNameRefused' });
  });

  it('asks again when the service is busy, and says so when it stays so', async () => {
    const store = openS3Store({ ...s3, retries: 2 });
    s3.failures = 2;
    const ref = await store.put(BYTES);
    s3.failures = 3;
    await expect(store.read(ref)).rejects.toMatchObject({
      name: 'StoreUnavailable',
      retryable: true,
      message: expect.stringContaining('503 SlowDown'),
    });
    expect(await store.read(ref)).toEqual(BYTES);
  });

  it('says what is missing, which bucket is not there, who is refused, and what cannot be reached, without keys', async () => {
    const absent = { digest: `sha256:${'0'.repeat(64)}`, bytes: 1 } as const;
    await expect(openS3Store(s3).read(absent)).rejects.toMatchObject({ name: 'StoreMissing' });
    expect(await openS3Store(s3).has(absent)).toBe(false);
    const failures = await Promise.all(
      [{ bucket: 'other' }, { secretAccessKey: 'wrong-secret-key' }, { endpoint: 'http://127.0.0.1:1' }].map(
        (change) =>
          openS3Store({ ...s3, ...change })
            .put(BYTES)
            .catch((error) => error),
      ),
    );
    expect(failures.map(({ name, retryable }) => [name, retryable])).toEqual([
      ['StoreUnavailable', false],
      ['StoreUnavailable', false],
      ['StoreUnavailable', true],
    ]);
    expect(JSON.stringify(failures.map(({ message, advice }) => message + advice))).not.toMatch(
      /wrong-secret|AKID/,
    );
  });
});
