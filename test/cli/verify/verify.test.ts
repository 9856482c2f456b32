import { execFileSync } from 'node:child_process';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { runVerify } from '../../../src/cli/verify/verify.ts';
import type { Finding } from '../../../src/release/attestation/finding.ts';
import { type AttackWorld, openAttackWorld } from '../../attack/attack-world.ts';
import { beginRelease, type HonestRelease } from '../../attack/honest-release.ts';
import { say } from '../cli-context.ts';

/** A whole release of real git, scripts, registry and store; then what somebody changed of it. */
describe('windlass verify', () => {
  let world: AttackWorld;
  let release: HonestRelease;
  let config: string;

  beforeAll(async () => {
    world = await openAttackWorld();
    await world.commit('feat: say hello', { 'hello.txt': 'hello\n' });
    release = await beginRelease(world, 'lib-20261126-verify');
    await release.test();
    await release.stage();
    await release.ship();
    await release.finish();
    config = await writePublicConfig(world);
  });

  afterAll(() => world?.close());

  it('says of each step from the commit to production what holds, and ends well', async () => {
    const { out, code, err } = await verify();
    expect(err).toBe('');
    const { commit, version, artifact } = release.built;
    expect(out).toMatch(new RegExp(`^ok +commit: The commit ${commit} was made from exactly the plan`, 'm'));
    expect(out).toMatch(new RegExp(`^ok +build: Built from that commit: ${artifact?.digest}`, 'm'));
    expect(out).toMatch(/^ok +start: Started by ben, api \(entry \d+, signed by api, /m);
    expect(out).toMatch(/^ok +approval go_live: Signed by the API for .*\(ceo\)/m);
    expect(out).toMatch(/^ok +environment production: Exactly these bytes were deployed .*found well there/m);
    expect(out).toMatch(/^ok +tag in the repository: v\S+ points to /m);
    expect(out.trim().split('\n').at(-1)).toBe(`lib ${version} holds, from the commit on.`);
    expect(code).toBe(0);
    expect(await states()).toEqual({ holds: expect.any(Number), none: expect.any(Number) });
  });

  it('tells programs the same', async () => {
    const { out } = await verify('--json');
    const answer = JSON.parse(out) as { holds: boolean; releaseId: string; findings: Finding[] };
    expect(answer).toMatchObject({ product: 'lib', holds: true, releaseId: 'lib-20261126-verify' });
    const held = answer.findings.filter(({ state }) => state === 'holds').map(({ about }) => about);
    expect(held).toEqual([
      ...['ledger', 'start', 'commit', 'build', 'gate tests', 'attestation build', 'attestation gate tests'],
      ...[expect.stringMatching(/^bytes sha256:/), 'approval go_live', 'registry folder'],
      ...[
        'environment staging',
        'environment production',
        'merge',
        'tag',
        'outcome',
        'tag in the repository',
      ],
    ]);
  });

  it('knows no version that was never planned, and names those it knows', async () => {
    const { code, err } = await say(runVerify, ['lib', '9.9.9', '--config', config]);
    expect(code).toBe(1);
    expect(err).toContain(`knows nothing of a version 9.9.9`);
    expect(err).toContain(release.built.version);
    expect((await say(runVerify, ['lib'])).code).toBe(2);
  });

  it('verifies nothing without the roles’ public keys', async () => {
    const bare = join(world.root, 'bare.yaml');
    const { ledger: _, ...rest } = parse(await readFile(config, 'utf8')) as { ledger: unknown };
    await writeFile(bare, stringify(rest));
    const { code, err } = await say(runVerify, ['lib', release.built.version, '--config', bare]);
    expect(code).toBe(1);
    expect(err).toContain('names no keys of the roles (ledger.keys)');
  });

  const store = (...path: string[]) => join(world.root, 'store', ...path);
  const named = (...path: string[]) => store('named', ...path);
  const nameOfAttestation = async (at: number) => {
    const names = await world.store.listNamed('attestations/lib/');
    return named(names[at] ?? '');
  };

  it.each<[string, () => Promise<string>, (text: string) => string, RegExp]>([
    [
      'a line of the ledger',
      async () => named('ledger', 'lib', '00000003.json'),
      (text) => text.replace('ben', 'eve').replace('1.1.0', '6.6.6').replace('sha', 'shb'),
      /^BROKEN +ledger: The ledger of lib does not hold at entry 3/m,
    ],
    [
      'the provenance',
      () => nameOfAttestation(0),
      (text) => text.replace('"sig":"', '"sig":"AAAA'),
      /^BROKEN +attestation build: .*no key of this installation signed it/m,
    ],
    [
      'the gate’s attestation, by another genuine one',
      () => nameOfAttestation(1),
      () => 'provenance',
      /^BROKEN +attestation gate tests: .*it is about something else than entry/m,
    ],
    [
      'the archived record',
      async () => named('records', 'lib', 'lib-20261126-verify.json'),
      (text) => text.replace('"released"', '"released" '),
      /^ok +approval go_live/m,
    ],
    [
      'who approved in the archived record',
      async () => named('records', 'lib', 'lib-20261126-verify.json'),
      (text) => text.replace('"role": "ceo"', '"role": "cto"'),
      /^BROKEN +approvals: The archived record is another one than the ledger names/m,
    ],
  ])('finds %s changed', async (_, find, change, expected) => {
    const file = await find();
    const before = await readFile(file, 'utf8');
    const other = change(before);
    await writeFile(file, other === 'provenance' ? await readFile(await nameOfAttestation(0)) : other);
    const { out, code } = await verify();
    await writeFile(file, before);
    expect(out).toMatch(expected);
    const isHarmless = expected.source.startsWith('^ok');
    expect(code).toBe(isHarmless ? 0 : 1);
    expect(out.includes('does NOT hold')).toBe(!isHarmless);
  });

  it('finds bytes that are gone from the store, and says that it could not look', async () => {
    const hex = release.built.artifact?.digest.slice(7) ?? '';
    const file = store('sha256', hex.slice(0, 2), hex);
    await rename(file, `${file}-away`);
    const { out, code } = await verify();
    await rename(`${file}-away`, file);
    expect(out).toMatch(/^unknown +bytes sha256:\w+: The store has nothing with the digest/m);
    expect(out).toMatch(/is NOT verified: of \d+, 1 could not be looked at/);
    expect(code).toBe(1);
  });

  it('finds a tag that was moved to another commit', async () => {
    const git = (...args: string[]) =>
      execFileSync('git', ['-C', world.origin, ...args], { encoding: 'utf8' });
    const { tag } = release.built;
    const before = git('rev-parse', `refs/tags/${tag}`).trim();
    git('update-ref', `refs/tags/${tag}`, git('rev-parse', 'refs/tags/v1.0.0').trim());
    const { out, code } = await verify();
    git('update-ref', `refs/tags/${tag}`, before);
    expect(out).toMatch(/^BROKEN +tag in the repository: v\S+ points to [0-9a-f]{40}, and not to/m);
    expect(code).toBe(1);
  });

  it('does not hold for a version that was given up, or is still under way', async () => {
    world.pull();
    await world.commit('feat: say more', { 'more.txt': 'more\n' });
    const next = await beginRelease(world, 'lib-20261127-verify');
    const under = await say(runVerify, ['lib', next.built.version, '--config', config]);
    expect(under.out).toMatch(/^unknown +outcome: It has not ended yet/m);
    expect(under.out).toMatch(/^BROKEN +gate tests: It did not pass for these bytes/m);
    expect(under.code).toBe(1);
    await next.abort();
    const given = await say(runVerify, ['lib', next.built.version, '--config', config]);
    expect(given.out).toMatch(/^BROKEN +outcome: It ended as aborted/m);
    expect((await verify()).code).toBe(0);
  });

  const verify = async (...more: string[]) =>
    await say(runVerify, ['lib', release.built.version, '--config', config, ...more]);

  async function states(): Promise<Record<string, number>> {
    const { findings } = JSON.parse((await verify('--json')).out) as { findings: Finding[] };
    return Object.fromEntries(
      [...Map.groupBy(findings, ({ state }) => state)].map(([state, all]) => [state, all.length]),
    );
  }
});

/** As an auditor would have it: the installation's file with the roles' public keys, and no private one. */
async function writePublicConfig(world: AttackWorld): Promise<string> {
  const text = await readFile(join(world.root, 'windlass.yaml'), 'utf8');
  const file = parse(text.replaceAll('WORLD_FOLDER', join(world.root, 'world'))) as Record<string, unknown>;
  const keys = world.installation.ledger.keys.map(({ keyId, role, publicKey }) => ({
    key_id: keyId,
    role,
    public_key: publicKey,
  }));
  const config = join(world.root, 'public.yaml');
  await writeFile(config, stringify({ ...file, ledger: { keys } }));
  return config;
}
