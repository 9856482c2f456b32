/**
 * `npm run test:crash [-- --runs N --seed S --only TEXT --part NAME]`: kills what can be killed, everywhere, and
 * compares the world with one in which nothing was killed. See docs/effects.md.
 */
import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { SEARCH_ATTRIBUTES } from '../../src/contracts/search-attributes.ts';
import { connectClient, connectWorker } from '../../src/temporal/connection.ts';
import { createDataConverter } from '../../src/temporal/data-converter.ts';
import { ensureSearchAttributes } from '../../src/temporal/search-attributes.ts';
import { ensureTemporal } from '../../src/temporal/server/find-temporal.ts';
import { startLocalServer } from '../../src/temporal/server/local-server.ts';
import { bundleWorkflows } from '../../src/workers/start-workers.ts';
import { startDockerRegistry } from '../support/server/docker-registry.ts';
import { startVerdaccio } from '../support/server/verdaccio.ts';
import { findTemporaryFiles } from './finding/leftovers.ts';
import { note, openTally, report } from './finding/tally.ts';
import {
  CRASH_QUEUE,
  describe,
  makeTemporaryFolder,
  readUndisturbed,
  testBarriers,
} from './part/barriers.ts';
import { testFaults } from './part/faults.ts';
import { testPlannedRestarts } from './part/planned-restarts.ts';
import { testRandomSchedules } from './part/random-releases.ts';
import { testSixKills } from './part/shop-release.ts';
import { testSignals } from './part/signals.ts';
import { makeTemplate } from './template.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '5' },
    seed: { type: 'string' },
    only: { type: 'string' },
    part: { type: 'string' },
  },
});

const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
console.log(`seed ${seed} (repeat with --seed ${seed})`);
Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
// Every child process ends with this one.
process.setMaxListeners(0);
const root = await realpath(await mkdtemp(join(tmpdir(), 'windlass-crash-')));
const tally = openTally();
// However this ends, children end with it (each has its own handler for `exit`) and nothing stays on the disk.
const ownTemporary = join(root, 'own-tmp');
await mkdir(ownTemporary);
// The servers that this process starts have their folders there, too.
process.env['TMPDIR'] = ownTemporary;
process.once('exit', () => rmSync(root, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
const ending: (() => Promise<unknown>)[] = [];
try {
  await makeTemporaryFolder(root);
  const projectRoot = fileURLToPath(new URL('../..', import.meta.url));
  const choice = await ensureTemporal({ environment: process.env, projectRoot, onProgress: console.log });
  if (choice.kind === 'address')
    throw new Error('The crash test starts servers of its own: unset TEMPORAL_ADDRESS.');
  const server = await startLocalServer({
    binary: choice.binary,
    folder: join(root, 'temporal'),
    database: 'memory',
    uiPort: 'none',
    searchAttributes: SEARCH_ATTRIBUTES,
    environment: process.env,
  });
  ending.push(() => server.stop());
  const npm = await startVerdaccio();
  ending.push(() => npm.stop());
  const oci = await startDockerRegistry();
  ending.push(() => oci.stop());
  const { address } = server;
  const dataConverter = createDataConverter();
  const {
    client,
    connection: asked,
    close,
  } = await connectClient({ address, namespace: 'default', dataConverter });
  ending.push(close);
  await ensureSearchAttributes({ connection: asked, namespace: 'default' });
  const connection = await connectWorker({ address, namespace: 'default' });
  ending.push(() => connection.close());
  const worker = await Worker.create({
    connection,
    namespace: 'default',
    dataConverter,
    taskQueue: CRASH_QUEUE,
    workflowBundle: await bundleWorkflowCode({
      workflowsPath: fileURLToPath(new URL('./one-effect.workflow.ts', import.meta.url)),
      ...(dataConverter.payloadConverterPath
        ? { payloadConverterPath: dataConverter.payloadConverterPath }
        : {}),
      logger: new DefaultLogger('ERROR'),
    }),
  });
  const running = worker.run();
  ending.push(async () => {
    worker.shutdown();
    await running;
  });
  const workflows = join(root, 'workflows.js');
  await writeFile(workflows, (await bundleWorkflows()).code);
  const shared = {
    root,
    workflows,
    binary: choice.binary,
    address,
    client,
    template: await makeTemplate(join(root, 'template')),
    servers: { npm: { url: npm.url, token: await npm.addUser('releaser') }, oci: { host: oci.host } },
    tally,
  };
  const isWanted = (part: string) =>
    values.part === undefined ? part === 'barriers' || values.only === undefined : values.part === part;
  const effects = async () => {
    if (!isWanted('barriers') && !isWanted('faults')) return;
    const expected = await readUndisturbed(shared, values.only);
    if (isWanted('barriers')) await testBarriers(shared, expected, values.only);
    if (isWanted('faults')) await testFaults(shared, expected, values.only);
  };
  const shortReleases = async () => {
    if (isWanted('signals')) await testSignals(shared);
    if (isWanted('restarts')) await testPlannedRestarts(shared);
    if (isWanted('random')) await testRandomSchedules(shared, Number(values.runs), seed);
  };
  // Whole releases mostly wait: for monitoring windows, and for the patience of a server that lost its worker.
  const kills = async () => {
    if (isWanted('kills')) await testSixKills(shared);
  };
  await Promise.all(
    Object.entries({ effects, kills, shortReleases }).map(async ([name, work]) => {
      const startedAt = performance.now();
      await work().catch((error: unknown) => {
        tally.losses.push(name);
        note(tally, `${name}: not run to their end`, startedAt, describe(error));
      });
    }),
  );
  tally.leftovers.push(...findTemporaryFiles(join(root, 'tmp')));
} finally {
  for (const end of ending.toReversed()) await end();
  tally.leftovers.push(...findTemporaryFiles(ownTemporary));
  await rm(root, { recursive: true, force: true, maxRetries: 5 });
}
process.exit(report(tally));
