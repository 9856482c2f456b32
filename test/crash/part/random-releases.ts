import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BARRIERS, type EffectName } from '../../../src/activities/effects.ts';
import type { Phase, ReleaseRecord } from '../../../src/release/record/record.ts';
import { askOrigin, type CrashRun, makeRun, readLedger } from '../crash-run.ts';
import { type Disturbance, driveRelease, findHeldLeases } from '../drive-release.ts';
import { CASES } from '../effect-cases.ts';
import { findSecrets } from '../finding/find-secrets.ts';
import { findLeftovers } from '../finding/leftovers.ts';
import { compareWorlds, note } from '../finding/tally.ts';
import {
  type Actor,
  type InstallationProcesses,
  startInstallation,
} from '../process/installation-processes.ts';
import { VERSION } from '../template.ts';
import { describe, rename, type SharedEnvironment } from './barriers.ts';

const LIMIT_MS = 600_000;
const PHASES_HIT: readonly Phase[] = [
  'plan',
  'build',
  'gates',
  'branch',
  'staging',
  'go_live',
  'publish',
  'production',
  'finalize',
  'announce',
];
const ACTORS_HIT: readonly (readonly Actor[])[] = [
  ['worker'],
  ['api'],
  ['server'],
  ['worker', 'server'],
  ['worker', 'api', 'server'],
];
/** Effects that a release of the little product brings about. */
const EFFECTS_HIT: readonly EffectName[] = [
  'release-branch',
  'script-deploy',
  'script-migrate',
  'script-traffic',
  'script-backup',
  'npm-package',
  'image',
  'image-tag',
  'merge',
  'tag',
  'npm-dist-tag',
  'npm-staging-tag',
  'image-moving-tag',
  'release-draft',
  'release-page',
  'comment',
  'delete-branch',
  'state-file',
  'status-file',
  'record',
  'notice-file',
];

interface Schedule {
  disturbances: Disturbance[];
  crashAt: string[];
}

/** Whole releases of the little product, on npm, images and GitHub, disturbed by schedules that the seed decides. */
export async function testRandomSchedules(
  shared: SharedEnvironment,
  count: number,
  seed: number,
): Promise<void> {
  const expected = await releaseOnce(shared, 'random-undisturbed', { disturbances: [], crashAt: [] });
  const schedules = Array.from({ length: count }, (_, at) => invent(seed, at));
  const next = schedules.entries();
  const work = async () => {
    for (const [at, schedule] of next) await releaseOnce(shared, `random-${at}`, schedule, expected);
  };
  // Each mostly waits for the patience of a server that lost its worker.
  await Promise.all([work(), work()]);
}

/** Two kills of processes at phases and two at barriers. The same seed and number give the same schedule. */
function invent(seed: number, at: number): Schedule {
  const random = makeRandom(seed + at * 7_919);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const barrier = () => `${pick(EFFECTS_HIT)}:${pick(BARRIERS)}:kill`;
  return {
    disturbances: [1, 2].map(() => ({ phase: pick(PHASES_HIT), actors: pick(ACTORS_HIT) })),
    crashAt: [barrier(), barrier()],
  };
}

/** mulberry32: small, and the same everywhere. */
function makeRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

async function releaseOnce(
  shared: SharedEnvironment,
  id: string,
  schedule: Schedule,
  expected?: unknown,
): Promise<unknown> {
  const startedAt = performance.now();
  const parts = ['npm', 'oci', 'github', 'notices'] as const;
  const run = await makeRun({ ...shared, id, branched: false, parts: [...parts], whole: true });
  await CASES['npm-package'].arrange?.(run);
  const tip = await askOrigin(run, 'rev-parse', 'main');
  await run.github?.addPull({ title: 'something more', author: 'alice', commits: [tip] });
  const told = [
    ...schedule.crashAt,
    ...schedule.disturbances.map(({ phase, actors }) => `${actors.join('+')} in ${phase}`),
  ];
  let problem: string | undefined;
  let found: unknown;
  let processes: InstallationProcesses | undefined;
  try {
    processes = await startInstallation({
      root: shared.root,
      folder: run.folder,
      binary: shared.binary,
      workflows: shared.workflows,
      config: run.config,
      fixture: run.fixture,
      crashAt: schedule.crashAt,
    });
    const record = await driveRelease(processes, run.fixture, schedule.disturbances, LIMIT_MS);
    if (record.outcome !== 'released') throw new Error(`it ended otherwise: ${record.ending}`);
    found = await lookAtAll(run, record);
    if (expected !== undefined) problem = compareWorlds(shared.tally, id, expected, found);
    shared.tally.leftovers.push(...(await findHeldLeases(processes, run.fixture, ['staging', 'production'])));
  } catch (error) {
    shared.tally.losses.push(id);
    problem = `${describe(error)}\n${processes?.worker().output() ?? ''}`;
  }
  await processes?.stop();
  shared.tally.leftovers.push(...(await findLeftovers([run.folder])), ...findSecrets(run));
  await run.stop();
  note(shared.tally, `${id} ${told.join(', ')}`, startedAt, problem);
  return found;
}

/** Everything outside, counted and with names replaced; ids of objects depend on when the release was planned. */
async function lookAtAll(run: CrashRun, record: ReleaseRecord): Promise<unknown> {
  const lines = async (...args: string[]) => (await askOrigin(run, ...args)).split('\n');
  const notices = join(run.folder, 'notices.jsonl');
  const told = existsSync(notices) ? readFileSync(notices, 'utf8').trimEnd().split('\n') : [];
  const images = (await CASES.image.look(run)) as Record<string, string>;
  const state = await askOrigin(run, 'show', 'main:state.yml');
  const world = {
    refs: await lines('for-each-ref', '--format=%(refname) %(objecttype)'),
    subjects: await lines('log', '--format=%s', 'main'),
    tagged: await lines('log', '-1', '--format=%s', `v${VERSION}`),
    package: await CASES['npm-package'].look(withTarball(run, record)),
    images,
    pages: run.github?.releases.map(({ tag_name, draft, assets }) => [
      tag_name,
      draft,
      assets.map(({ name }) => name),
    ]),
    issues: await CASES.issue.look(run),
    comments: await CASES.comment.look(run),
    ledger: readLedger(run).sort(),
    notices: told.map((line) => (JSON.parse(line) as { title: string }).title).sort(),
    state: state.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'THEN').split('\n'),
    receipts: record.receipts.map(({ key }) => key).sort(),
    steps: record.steps.map((step) => `${step.id} ${step.status}`),
  };
  return rename(run, JSON.parse(JSON.stringify(world).replaceAll(record.releaseId, 'RELEASE')));
}

/** The package whose bytes count is the one that this release built. */
function withTarball(run: CrashRun, record: ReleaseRecord): CrashRun {
  const integrity = record.publications.find(({ registry }) => registry === 'npm')?.digest ?? 'none';
  return { ...run, tarball: { ...run.tarball, integrity } };
}
