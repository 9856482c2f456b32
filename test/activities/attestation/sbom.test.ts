import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleAttestations } from '../../../src/activities/release/page/bundle-attestations.ts';
import { type AttackWorld, openAttackWorld } from '../../attack/attack-world.ts';
import { beginRelease } from '../../attack/honest-release.ts';
import { readEnvelope } from '../../support/attestation/verify-dsse.ts';
import { failureOf } from '../enter-role.ts';

/** As npm writes it: one dependency, and one that is only for development. */
const LOCK = JSON.stringify({
  name: 'lib',
  version: '1.0.0',
  lockfileVersion: 3,
  requires: true,
  packages: {
    '': { name: 'lib', version: '1.0.0', dependencies: { semver: '7.8.6' } },
    'node_modules/semver': {
      version: '7.8.6',
      resolved: 'https://registry.npmjs.org/semver/-/semver-7.8.6.tgz',
      integrity: `sha512-${Buffer.alloc(64, 7).toString('base64')}`,
      license: 'ISC',
    },
  },
});
const OWN = JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1, components: [] });

describe('what a product is made of', () => {
  let world: AttackWorld;
  let releases = 0;

  beforeAll(async () => {
    world = await openAttackWorld();
    const manifest = { name: 'lib', version: '1.0.0', dependencies: { semver: '7.8.6' } };
    await world.commit('feat: use a dependency', {
      'package.json': `${JSON.stringify(manifest, undefined, 2)}\n`,
      'package-lock.json': LOCK,
      '.npmrc': 'logs-dir=stolen\nregistry=http://127.0.0.1:1/\n',
      'made/sbom.json': OWN,
      'made/other.json': '{"spdxVersion":"SPDX-2.3"}',
    });
  });

  afterAll(() => world?.close());

  it('is told by npm itself from the lock file, attested with the build, and a file of the release page', async () => {
    const release = await begin('package-lock.json');
    await release.test();
    await release.stage();
    await release.ship();
    await release.finish();
    const { version, tag, notes } = release.built;
    const page = { product: 'lib', releaseId: release.acting.releaseId, version, tag, notes };
    const input = { ...page, prerelease: false, anchor: 'sha256:0', assets: [] };
    const files = await bundleAttestations(world.deps('release'), input);
    expect(files.map(({ name }) => name)).toEqual([`lib-${version}.intoto.jsonl`, `lib-${version}.cdx.json`]);
    const [bundle, listed] = await Promise.all(files.map((file) => file.read()));
    const bom = JSON.parse(listed?.toString('utf8') ?? '') as {
      bomFormat: string;
      components: { purl: string; hashes: unknown[] }[];
      metadata: { timestamp: string };
    };
    expect(bom.bomFormat).toBe('CycloneDX');
    expect(bom.components.map(({ purl }) => purl)).toEqual(['pkg:npm/semver@7.8.6']);
    expect(bom.components[0]?.hashes).toEqual([{ alg: 'SHA-512', content: '07'.repeat(64) }]);
    expect(bom.metadata.timestamp).toBe(release.built.plannedAt);
    const key = world.installation.ledger.keys.find(({ role }) => role === 'devops')?.publicKey ?? '';
    const { subject } = readEnvelope(bundle?.toString('utf8').split('\n')[0] ?? '', key);
    const sha256 = createHash('sha256').update(listed!).digest('hex');
    expect(subject.at(-1)).toEqual({ digest: { sha256 } });
    expect(files[1]?.digest).toBe(`sha256:${sha256}`);
    world.pull();
  });

  it('is the same however often it is built, since npm’s own number and time are left out', async () => {
    await world.commit('feat: more', { 'more.txt': 'more\n' });
    const release = await begin('package-lock.json');
    const build = release.calls.find(({ activity }) => activity === 'buildRelease');
    const before = (await world.ledgerOf('devops').read('lib')).length;
    await world.call('devops', 'buildRelease', build?.input);
    expect(await world.ledgerOf('devops').read('lib')).toHaveLength(before);
    await release.abort();
  });

  it('is the file that the build made, as it is', async () => {
    const release = await begin('made/sbom.json');
    const built = (await world.ledgerOf('devops').read('lib')).findLast(({ fact }) => fact.fact === 'built');
    const digest = `sha256:${createHash('sha256').update(OWN).digest('hex')}`;
    expect(built?.fact).toMatchObject({ sbom: digest });
    await release.abort();
  });

  it.each([
    ['made/none.json', /the file of sbom "made\/none.json" is not inside the checkout/],
    ['made/other.json', /made\/other.json gives no list .*: it is no CycloneDX file in JSON/],
    ['../../outside.json', /is not inside the checkout/],
  ])('is refused where %s cannot be it', async (file, expected) => {
    const failure = await failureOf(begin(file));
    expect(failure.type).toBe('Mistake');
    expect(failure.what).toMatch(expected);
  });

  async function begin(sbom: string) {
    const product = world.installation.products['lib'];
    if (!product) throw new Error('the world has no product');
    product.sbom = sbom;
    releases += 1;
    return await beginRelease(world, `lib-20261126-sbom${releases}`);
  }
});
