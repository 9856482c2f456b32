import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openFolderStore } from '../../../src/providers/store/folder/folder-store.ts';
import type { StoreRef } from '../../../src/release/store-ref.ts';

let root: string;
const BYTES = Buffer.from('a tarball\0\xff', 'latin1');
const HEX = createHash('sha256').update(BYTES).digest('hex');
const pathOf = (hex: string): string => join(root, 'sha256', hex.slice(0, 2), hex);

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'windlass-store-test-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('the folder store', () => {
  it('gives back what was put, under its SHA-256, from bytes and from a file, to another process too', async () => {
    const store = await openFolderStore(root);
    writeFileSync(join(root, 'file'), BYTES);
    const ref = await store.put(BYTES, 'application/gzip');
    expect(ref).toEqual({ digest: `sha256:${HEX}`, bytes: BYTES.length, mediaType: 'application/gzip' });
    expect(await store.putFile(join(root, 'file'))).toEqual({ digest: `sha256:${HEX}`, bytes: BYTES.length });
    const other = await openFolderStore(root);
    expect(await other.has(ref)).toBe(true);
    expect(await other.read(ref)).toEqual(BYTES);
    await other.fetchTo(ref, join(root, 'out', 'copy.tgz'));
    expect(readFileSync(join(root, 'out', 'copy.tgz'))).toEqual(BYTES);
    expect(readdirSync(join(root, 'unfinished'))).toEqual([]);
  });

  it('never gives out a file that went bad, keeps it aside, and is mended by putting it again', async () => {
    const store = await openFolderStore(root);
    const ref = await store.put(BYTES);
    for (const use of [() => store.read(ref), () => store.fetchTo(ref, join(root, 'out', 'copy'))]) {
      writeFileSync(pathOf(HEX), 'somebody else');
      await expect(use()).rejects.toMatchObject({ name: 'StoreCorrupt', digest: ref.digest });
      await expect(use()).rejects.toMatchObject({ name: 'StoreMissing' });
      await store.put(BYTES);
      expect(await store.read(ref)).toEqual(BYTES);
    }
    expect(readdirSync(join(root, 'out'))).toEqual([]);
    const aside = readdirSync(join(root, 'corrupt'));
    expect(aside.map((name) => readFileSync(join(root, 'corrupt', name), 'utf8'))).toEqual([
      'somebody else',
      'somebody else',
    ]);
  });

  it('gives out what is too large to be held piece by piece, and never the end of what was changed', async () => {
    const store = await openFolderStore(root);
    const large = Buffer.alloc(300_000, 'a log line that repeats\n');
    const ref = await store.put(large);
    const pieces: Uint8Array[] = [];
    for await (const piece of await store.open(ref)) pieces.push(piece);
    expect(pieces.length).toBeGreaterThan(1);
    expect(Buffer.concat(pieces).equals(large)).toBe(true);
    writeFileSync(pathOf(ref.digest.slice(7)), Buffer.alloc(300_000, 'something else'));
    let given = 0;
    const readAll = async () => {
      for await (const piece of await store.open(ref)) given += piece.length;
    };
    await expect(readAll()).rejects.toMatchObject({ name: 'StoreCorrupt' });
    expect(given).toBe(300_000);
    await expect(store.open(ref)).rejects.toMatchObject({ name: 'StoreMissing' });
  });

  it('says that it has not got something, and refuses what is no digest', async () => {
    const store = await openFolderStore(root);
    const ref: StoreRef = { digest: `sha256:${'0'.repeat(64)}`, bytes: 1 };
    expect(await store.has(ref)).toBe(false);
    await expect(store.read(ref)).rejects.toMatchObject({ name: 'StoreMissing' });
    await expect(store.read({ digest: 'sha256:../../../etc/passwd', bytes: 1 })).rejects.toMatchObject({
      name: 'StoreNameRefused',
    });
  });

  it('deletes what is told to go, once or again, and nothing else', async () => {
    const store = await openFolderStore(root);
    const [gone, stays] = [await store.put(BYTES), await store.put(Buffer.from('other'))];
    await store.remove(gone.digest);
    await store.remove(gone.digest);
    expect([await store.has(gone), await store.has(stays)]).toEqual([false, true]);
    await expect(store.remove('sha256:../../x')).rejects.toMatchObject({ name: 'StoreNameRefused' });
  });

  it('makes a named entry only where there is none, whoever is first, and leaves nothing else behind', async () => {
    const store = await openFolderStore(root);
    const made = await Promise.all(
      ['a', 'b', 'c', 'd'].map((text) => store.createNamed('ledger/shop/1.json', Buffer.from(text))),
    );
    expect(made.filter(Boolean)).toHaveLength(1);
    const kept = (await store.readNamed('ledger/shop/1.json'))?.toString();
    expect(kept).toBe(['a', 'b', 'c', 'd'][made.indexOf(true)]);
    expect(await store.createNamed('ledger/shop/1.json', Buffer.from(kept ?? ''))).toBe(true);
    expect(readdirSync(join(root, 'unfinished'))).toEqual([]);
  });

  it('writes, replaces, reads and lists named entries', async () => {
    const store = await openFolderStore(root);
    await store.putNamed('records/shop/shop-1.2.0+build.5.json', Buffer.from('old'));
    await store.putNamed('records/shop/shop-1.2.0+build.5.json', Buffer.from('new'));
    await store.putNamed('records/shop-two/a.json', Buffer.from('{}'));
    await store.putNamed('issues/shop/1.md', Buffer.from('# Issue'));
    expect((await store.readNamed('records/shop/shop-1.2.0+build.5.json'))?.toString()).toBe('new');
    expect(await store.readNamed('records/shop/none.json')).toBeUndefined();
    expect(await store.readNamed('records/shop')).toBeUndefined();
    expect(await store.listNamed('records/shop/')).toEqual(['records/shop/shop-1.2.0+build.5.json']);
    expect(await store.listNamed('')).toEqual([
      'issues/shop/1.md',
      'records/shop-two/a.json',
      'records/shop/shop-1.2.0+build.5.json',
    ]);
    expect(await store.listNamed('nothing/')).toEqual([]);
  });

  it.each([
    '../x',
    '/etc/passwd',
    'a//b',
    'a/../b',
    '',
    '.hidden',
    'a/-b',
    'a\0b',
    'a\\b',
    'a b',
    'x'.repeat(300),
  ])('refuses the name %j', async (name) => {
    const store = await openFolderStore(root);
    const refused = { name: 'StoreNameRefused' };
    await expect(store.putNamed(name, BYTES)).rejects.toMatchObject(refused);
    await expect(store.readNamed(name)).rejects.toMatchObject(refused);
    if (name !== '') await expect(store.listNamed(name)).rejects.toMatchObject(refused);
  });

  it('shows no half file after a kill in the middle of writing, and clears its traces away', async () => {
    const module = fileURLToPath(
      new URL('../../../src/providers/store/folder/folder-store.ts', import.meta.url),
    );
    const program = join(root, 'writer.ts');
    writeFileSync(
      program,
      `import { execFileSync } from 'node:child_process';
       import { openFolderStore } from ${JSON.stringify(module)};
       execFileSync('mkfifo', [${JSON.stringify(join(root, 'endless'))}]);
       const store = await openFolderStore(${JSON.stringify(root)});
       await store.putFile(${JSON.stringify(join(root, 'endless'))});`,
    );
    const writer = spawn(process.execPath, [program], { stdio: 'ignore' });
    await vi.waitUntil(() => existsSync(join(root, 'endless')), { timeout: 20_000 });
    const source = spawn('sh', ['-c', 'yes > "$0"', join(root, 'endless')], { stdio: 'ignore' });
    const unfinished = (): string[] =>
      existsSync(join(root, 'unfinished')) ? readdirSync(join(root, 'unfinished')) : [];
    await vi.waitUntil(() => unfinished().length > 0, { timeout: 20_000 });
    const gone = new Promise((done) => writer.once('exit', done));
    writer.kill('SIGKILL');
    await gone;
    source.kill('SIGKILL');
    expect(unfinished()).toHaveLength(1);
    await openFolderStore(root);
    expect(unfinished()).toEqual([]);
    expect(readdirSync(join(root, 'sha256'))).toEqual([]);
  });
});
