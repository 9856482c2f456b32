import { generateKeyPairSync } from 'node:crypto';
import { cp, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LedgerKeys, openLedger } from '../../../src/integrations/ledger/ledger.ts';
import { openFolderStore } from '../../../src/providers/store/folder/folder-store.ts';
import type { LedgerSigner } from '../../../src/release/ledger/entry.ts';
import type { LedgerFact } from '../../../src/release/ledger/facts.ts';

const SIGNERS: LedgerSigner[] = ['api', 'release', 'qa'];
const pairs = Object.fromEntries(SIGNERS.map((signer) => [signer, makePair()]));
const started: LedgerFact = { fact: 'started', releaseId: 'shop-1', kind: 'release', by: 'ada', via: 'api' };

let root: string;
let folder: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'windlass-ledger-'));
  folder = join(root, 'named', 'ledger', 'shop');
});

afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

describe('a ledger', () => {
  it('holds what each role wrote, in its order, for every process that reads it', async () => {
    const api = await open('api');
    const release = await open('release');
    await api.append('shop', started);
    await release.append('shop', tagged('1.0.0'));
    await api.append('shop', { ...started, releaseId: 'shop-2' });
    const entries = await (await open('qa')).read('shop');
    expect(entries.map(({ number, signer, fact }) => [number, signer, fact.releaseId])).toEqual([
      [1, 'api', 'shop-1'],
      [2, 'release', 'shop-1'],
      [3, 'api', 'shop-2'],
    ]);
    expect(await release.read('other')).toEqual([]);
  });

  it('never forks, and writes each fact once, however many write at once', async () => {
    const writers = await Promise.all(Array.from({ length: 4 }, () => open('release')));
    await Promise.all(
      writers.flatMap((writer, index) =>
        ['1.0.0', '1.1.0', '1.2.0'].flatMap((version) => [
          writer.append('shop', tagged(version)),
          writer.append('shop', tagged(`${version}-${index}`)),
        ]),
      ),
    );
    const entries = await (await open('qa')).read('shop');
    expect(entries).toHaveLength(3 + 4 * 3);
    expect(new Set(entries.map(({ fact }) => JSON.stringify(fact))).size).toBe(entries.length);
  });

  it('believes nobody who says what another role does, or whose key it does not know', async () => {
    const qa = await open('qa');
    await qa.append('shop', started);
    await expect(qa.read('shop')).rejects.toThrow(/entry 1: qa may not say that/);
    await rm(folder, { recursive: true });
    const stranger = openLedger(await openFolderStore(root), keysOf('api', { api: makePair() }));
    await stranger.append('shop', started);
    await expect((await open('api')).read('shop')).rejects.toThrow(/entry 1: its signature does not hold/);
  });

  it.each<[string, (file: string) => Promise<void>, RegExp]>([
    ['edited', (file) => edit(file, (text) => text.replace('1.1.0', '6.6.6')), /entry 3: its signature/],
    ['cut in its middle', (file) => rm(file), /entry 4: it was there, and is gone|entry 3/],
    ['put in another order', (file) => rename(file, file.replace('3.json', '2.json')), /entry 2/],
    ['not JSON any more', (file) => writeFile(file, 'x'), /entry 3: it is no entry/],
  ])('that was %s is refused, with its number', async (_, change, expected) => {
    await fill();
    const seen = await open('release');
    await seen.read('shop');
    await change(join(folder, '00000003.json'));
    const read = async () => {
      await seen.read('shop');
      // What was read before is not read again; a process that starts now reads all.
      const entries = await (await open('release')).read('shop');
      if (entries.length < 4) throw new Error(`entry ${entries.length + 1} is missing`);
    };
    await expect(read()).rejects.toThrow(expected);
  });

  it('that was put back to an older backup is refused by whoever saw more', async () => {
    await fill();
    const seen = await open('release');
    await seen.read('shop');
    await rm(join(folder, '00000004.json'));
    await expect(seen.read('shop')).rejects.toThrow(/entry 4: it was there, and is gone/);
    await expect(seen.append('shop', tagged('2.0.0'))).rejects.toThrow(/is gone/);
    expect(await readdir(folder)).toHaveLength(3);
  });

  it('of one product is none of another', async () => {
    await fill();
    await cp(folder, join(root, 'named', 'ledger', 'other'), { recursive: true });
    await expect((await open('release')).read('other')).rejects.toThrow(/entry 1: its product is another/);
  });

  it('goes on with a new key, and takes nothing that an old one signs after its time, whatever its date', async () => {
    const old = pairs['release']!;
    const next = makePair();
    await (await open('release')).append('shop', tagged('1.0.0'));
    const notAfter = new Date().toISOString();
    const keys = {
      ...keysOf('release'),
      verify: [
        { keyId: 'release-2', signer: 'release' as const, publicKey: next.publicKey },
        { keyId: 'release', signer: 'release' as const, publicKey: old.publicKey, notAfter },
      ],
    };
    const signing = { keyId: 'release-2', signer: 'release' as const, privateKey: next.privateKey };
    const store = await openFolderStore(root);
    await openLedger(store, { ...keys, signing }).append('shop', tagged('1.1.0'));
    expect(await openLedger(store, keys).read('shop')).toHaveLength(2);
    await new Promise((done) => setTimeout(done, 2));
    await openLedger(store, keys).append('shop', tagged('1.2.0'));
    await expect(openLedger(store, keys).read('shop')).rejects.toThrow(/entry 3: .*counted no more/);
  });
});

async function fill(): Promise<void> {
  const release = await open('release');
  for (const version of ['1.0.0', '1.0.1', '1.1.0', '1.2.0']) await release.append('shop', tagged(version));
}

function tagged(version: string): LedgerFact {
  return { fact: 'tagged', releaseId: 'shop-1', tag: `v${version}`, commit: 'c', version };
}

async function open(signer: LedgerSigner) {
  return openLedger(await openFolderStore(root), keysOf(signer));
}

function keysOf(signer: LedgerSigner, own: Record<string, ReturnType<typeof makePair>> = {}): LedgerKeys {
  return {
    verify: SIGNERS.map((each) => ({ keyId: each, signer: each, publicKey: pairs[each]!.publicKey })),
    signing: { keyId: signer, signer, privateKey: (own[signer] ?? pairs[signer]!).privateKey },
  };
}

function makePair() {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}

async function edit(file: string, change: (text: string) => string): Promise<void> {
  await writeFile(file, change(await readFile(file, 'utf8')));
}
