import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleAttestations } from '../../../src/activities/release/page/bundle-attestations.ts';
import type { WorkerRole } from '../../../src/contracts/task-queues.ts';
import { describeRepository } from '../../../src/release/attestation/statement.ts';
import { type AttackWorld, openAttackWorld } from '../../attack/attack-world.ts';
import { beginRelease, type HonestRelease } from '../../attack/honest-release.ts';
import { readDocument } from '../../docs/read-documents.ts';
import {
  readEnvelope,
  type Statement,
  toPem,
  verifyByOpenssl,
} from '../../support/attestation/verify-dsse.ts';

const RELEASE = 'lib-20261126-attest';

describe('what the roles attest of a release', () => {
  let world: AttackWorld;
  let release: HonestRelease;
  let lines: string[];
  let tries: Awaited<ReturnType<typeof tryAgain>>;

  beforeAll(async () => {
    world = await openAttackWorld();
    await world.commit('feat: say hello', { 'hello.txt': 'hello\n' });
    release = await beginRelease(world, RELEASE);
    await release.test();
    tries = await tryAgain();
    await release.stage();
    await release.ship();
    await release.finish();
    lines = await readBundle();
  });

  afterAll(() => world?.close());

  it('is for the build SLSA provenance of its bytes, with the commit that they came from, signed by devops alone', async () => {
    const { artifact, commit, version } = release.built;
    const statement = readEnvelope(lines[0] ?? '', keyOf('devops'));
    expect(statement._type).toBe('https://in-toto.io/Statement/v1');
    expect(statement.predicateType).toBe('https://slsa.dev/provenance/v1');
    const bytes = await world.store.read(artifact!);
    const hex = createHash('sha256').update(bytes).digest('hex');
    expect(statement.subject[0]).toEqual({ digest: { sha256: hex } });
    const repository = `git+file://${world.origin}`;
    expect(statement.predicate).toEqual({
      buildDefinition: {
        buildType: expect.stringMatching(/^\w+:/),
        externalParameters: { repository, product: 'lib', version },
        internalParameters: { releaseId: RELEASE, ledgerEntry: expect.any(Number) },
        resolvedDependencies: [{ uri: repository, digest: { gitCommit: commit } }],
      },
      runDetails: {
        builder: { id: `${world.installation.api.url}#devops` },
        metadata: {
          invocationId: expect.stringContaining(RELEASE),
          finishedOn: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        },
      },
    });
    expect(() => readEnvelope(lines[0] ?? '', keyOf('qa'))).toThrow('no signature');
  });

  it('is for each gate that was run an in-toto test result for these bytes and this commit, signed by qa', () => {
    const { artifact, commit } = release.built;
    const [, ...tests] = lines.map((line, at) => readEnvelope(line, keyOf(at === 0 ? 'devops' : 'qa')));
    expect(tests.map((test) => [test.predicateType, test.predicate['passedTests']])).toEqual([
      ['https://in-toto.io/attestation/test-result/v0.1', ['tests']],
    ]);
    const [test] = tests as [Statement];
    expect(test.predicate['result']).toBe('PASSED');
    const source = { gitCommit: commit };
    expect(test.subject).toEqual([{ digest: { sha256: artifact?.digest.slice(7) } }, { digest: source }]);
    expect(test.predicate['configuration']).toEqual([
      { name: 'tests', uri: `git+file://${world.origin}`, digest: source },
    ]);
  });

  it('holds for openssl’s own command line, and not when a byte was changed', () => {
    for (const [at, line] of lines.entries()) {
      const key = keyOf(at === 0 ? 'devops' : 'qa');
      expect(verifyByOpenssl(line, key)).toBe('Signature Verified Successfully');
      const envelope = JSON.parse(line) as { payload: string };
      const forged = Buffer.from(envelope.payload, 'base64').toString('utf8').replace('lib', 'bil');
      const payload = Buffer.from(`${forged} `).toString('base64');
      expect(() => verifyByOpenssl(JSON.stringify({ ...envelope, payload }), key)).toThrow();
    }
  });

  it('is verified by the commands of the documentation, which need nothing of Windlass', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'windlass-attested-'));
    try {
      const put = (name: string, bytes: Buffer | string) => writeFileSync(join(folder, name), bytes);
      put('attestations.intoto.jsonl', lines.map((line) => `${line}\n`).join(''));
      put('devops.pem', toPem(keyOf('devops')));
      put('artifact.tgz', await world.store.read(release.built.artifact!));
      const block = readDocument('docs/attestations.md').blocks.find(({ text }) => text.includes('openssl'));
      const verifyAll = () =>
        execFileSync('sh', ['-euc', block?.text ?? 'false'], {
          cwd: folder,
          encoding: 'utf8',
          stdio: 'pipe',
        });
      expect(verifyAll().trim().split('\n')).toEqual([
        'Signature Verified Successfully',
        JSON.stringify(release.built.artifact?.digest.slice(7)),
        release.built.commit,
      ]);
      put('artifact.tgz', 'other bytes');
      expect(verifyAll).toThrow();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('is one and the same file of the release page, however often the page is made', async () => {
    expect(await readBundle()).toEqual(lines);
    const [asset] = await bundleAttestations(world.deps('release'), pageOf());
    expect(asset?.name).toBe(`lib-${release.built.version}.intoto.jsonl`);
    const bytes = await asset!.read();
    expect(asset).toMatchObject({
      bytes: bytes.length,
      digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
    });
  });

  it('is kept by the next try where a worker died before it could, and else once', () => {
    expect(tries.again).toEqual(tries.before);
    expect(tries.afterDeath).toEqual(tries.before);
  });

  it('reaches no page where what stands in the store is not what the role signed', async () => {
    const names = await world.store.listNamed('attestations/lib/');
    const [provenance = '', test = ''] = names;
    const kept = (await world.store.readNamed(provenance))!;
    const other = (await world.store.readNamed(test))!;
    for (const bytes of [other, Buffer.from('{}'), Buffer.from('x')]) {
      await world.store.putNamed(provenance, bytes);
      await expect(readBundle()).rejects.toThrow(/does not hold: .*Nothing rests on it/);
    }
    await world.store.putNamed(provenance, kept);
    expect(await readBundle()).toEqual(lines);
  });

  /** What is kept after the gate's first try, a second one, and one after a death between ledger and attestation. */
  async function tryAgain() {
    const gate = release.calls.find(({ activity }) => activity === 'runGate');
    const list = async () => {
      const names = await world.store.listNamed('attestations/lib/');
      return await Promise.all(names.map(async (name) => `${name} ${await world.store.readNamed(name)}`));
    };
    const before = await list();
    await world.call('qa', 'runGate', gate?.input);
    const again = await list();
    await rm(join(world.root, 'store', 'named', 'attestations', 'lib'), { recursive: true });
    await world.call('qa', 'runGate', gate?.input);
    await world.call('devops', 'buildRelease', release.calls.find(isBuild)?.input);
    return { before, again, afterDeath: await list() };
  }

  const isBuild = ({ activity }: { activity: string }) => activity === 'buildRelease';

  const keyOf = (role: WorkerRole) =>
    world.installation.ledger.keys.find((key) => key.role === role)?.publicKey ?? '';

  const pageOf = () => ({
    ...{ product: 'lib', releaseId: RELEASE, version: release.built.version, tag: release.built.tag },
    ...{ notes: release.built.notes, prerelease: false, anchor: 'sha256:0' },
    assets: (release.built.built ?? []).flatMap(({ files }) => files),
  });

  async function readBundle(): Promise<string[]> {
    const [asset] = await bundleAttestations(world.deps('release'), pageOf());
    const text = (await asset?.read())?.toString('utf8') ?? '';
    return text.trim().split('\n');
  }
});

describe('a repository in an attestation', () => {
  it.each([
    ['https://ada:secret@git.example/team/shop.git', 'git+https://git.example/team/shop.git'],
    ['git@git.example:team/shop.git', 'git+ssh://git@git.example/team/shop.git'],
    ['ssh://git@git.example:2222/team/shop.git', 'git+ssh://git@git.example:2222/team/shop.git'],
    ['/srv/git/shop.git', 'git+file:///srv/git/shop.git'],
    ['file:///srv/git/shop.git', 'git+file:///srv/git/shop.git'],
  ])('is a URI with its transport and nobody’s password: %s', (url, expected) => {
    expect(describeRepository(url)).toBe(expected);
  });
});
