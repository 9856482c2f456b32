import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ReleaseRecord } from '../../../src/release/record/record.ts';
import { checkReleased, startWorld, type World } from '../../support/fixture/demo.ts';
import { loosenLoadTest } from '../../support/fixture/release-world.ts';
import { type Disturbance, driveRelease, findHeldLeases } from '../drive-release.ts';
import { findLeftovers } from '../finding/leftovers.ts';
import { compareWorlds, note } from '../finding/tally.ts';
import { type InstallationProcesses, startInstallation } from '../process/installation-processes.ts';
import { describe, type SharedEnvironment } from './barriers.ts';

const LIMIT_MS = 900_000;

/** Worker, API and Temporal server all killed at once, in each of six phases. */
const SIX_KILLS: Disturbance[] = (
  ['build', 'gates', 'staging', 'publish', 'production', 'finalize'] as const
).map((phase) => ({ phase, actors: ['worker', 'api', 'server'] }));

/** A whole release of the example shop with real supervisors and a real database: undisturbed, and with six kills. */
export async function testSixKills(shared: SharedEnvironment): Promise<void> {
  const expected = await releaseShop(shared, 'shop-undisturbed', []);
  await releaseShop(shared, 'shop-six-kills', SIX_KILLS, expected);
}

async function releaseShop(
  shared: SharedEnvironment,
  id: string,
  disturbances: Disturbance[],
  expected?: unknown,
): Promise<unknown> {
  const startedAt = performance.now();
  const folder = join(shared.root, id);
  const world = await startWorld({ root: folder, product: 'shop', bad: false, onProgress: () => undefined });
  await loosenLoadTest(world.folders.config, 'shop');
  let problem: string | undefined;
  let found: unknown;
  let processes: InstallationProcesses | undefined;
  try {
    processes = await startInstallation({
      root: shared.root,
      folder,
      binary: shared.binary,
      workflows: shared.workflows,
      config: world.folders.config,
      fixture: world.fixture,
      crashAt: [],
    });
    const record = await driveRelease(processes, world.fixture, disturbances, LIMIT_MS);
    found = await lookAtShop(world, record);
    const wrong = (await checkReleased(world, '1.3.0')).filter(({ holds }) => !holds);
    if (wrong.length > 0) {
      shared.tally.losses.push(id);
      problem = `the world is not as released: ${JSON.stringify(wrong)}; ${record.ending}`;
    } else if (expected !== undefined) problem = compareWorlds(shared.tally, id, expected, found);
    shared.tally.leftovers.push(
      ...(await findHeldLeases(processes, world.fixture, ['staging', 'production'])),
    );
  } catch (error) {
    shared.tally.losses.push(id);
    problem = `${describe(error)}\n${processes?.worker().output() ?? ''}`;
  }
  await processes?.stop();
  await world.stop();
  shared.tally.leftovers.push(...(await findLeftovers([folder])));
  for (const { phase, actors } of disturbances)
    shared.tally.barriers.add(`${id}: ${actors.join('+')} in ${phase}`);
  note(shared.tally, id, startedAt, problem);
  return found;
}

/** What there is, counted: nothing in it depends on when the release was made. */
async function lookAtShop(world: World, record: ReleaseRecord): Promise<unknown> {
  const git = (...args: string[]) =>
    execFileSync('git', ['--git-dir', world.folders.origin, ...args], { encoding: 'utf8' })
      .trim()
      .split('\n');
  const storage = join(world.folders.npm, 'storage', '@windlass-example', 'shop');
  // Every world has ports of its own, and people are told addresses.
  const strip = (text: string) =>
    text.replaceAll(record.releaseId, 'RELEASE').replaceAll(/127\.0\.0\.1:\d+/g, 'HOST');
  return {
    refs: git('for-each-ref', '--format=%(refname) %(objecttype)'),
    subjects: git('log', '--format=%s', 'main').map(strip),
    tagged: git('log', '-1', '--format=%s', 'v1.3.0'),
    packages: readdirSync(storage).filter((name) => name.endsWith('.tgz')),
    environments: ['staging', 'production'].map((name) => lookAtEnvironment(world, name, strip)),
    issues: listNames(join(world.folders.root, 'store', 'named', 'issues')),
    records: listNames(join(world.folders.root, 'store', 'named', 'records')).map(strip),
    notices: ['ceo', 'team'].map((name) =>
      readNotices(join(world.folders.notices, `${name}.jsonl`)).map(strip),
    ),
    receipts: record.receipts.map(({ key }) => strip(key)).sort(),
  };
}

/** The supervisor's own ledger of effects, and the database's own of migrations. */
function lookAtEnvironment(world: World, name: string, strip: (text: string) => string): unknown {
  const root = join(world.folders.environments, name);
  const state = JSON.parse(readFileSync(join(root, 'state.json'), 'utf8')) as {
    effects: Record<string, unknown>;
  };
  return {
    effects: Object.keys(state.effects).map(strip).sort(),
    versions: readdirSync(join(root, 'versions')).length,
    backups: existsSync(join(root, 'backups')) ? readdirSync(join(root, 'backups')).length : 0,
  };
}

function listNames(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
    .sort();
}

function readNotices(file: string): string[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { title: string }).title)
    .sort();
}
