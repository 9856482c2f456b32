/** A whole release with nothing but the program: `windlass dev` in one terminal, people's commands in another. */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { buildGreeterHistory } from '../../examples/greeter-history/build-history.ts';
import { findFreePort } from '../../src/temporal/free-port.ts';
import {
  PEOPLE,
  type RunningDev,
  releaseByProgram,
  startDev,
} from '../support/fixture/release-by-program.ts';
import { programPath } from '../support/program.ts';
import { readTemporalBinary } from '../support/server/temporal-server.ts';
import { startVerdaccio, type Verdaccio } from '../support/server/verdaccio.ts';

let folder: string;
let npm: Verdaccio;
let dev: RunningDev | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'windlass-program-'));
  npm = await startVerdaccio();
});

afterEach(async () => {
  await dev?.stop();
  await npm?.stop();
  await rm(folder, { recursive: true, force: true });
});

test('a library is planned, approved, tested and published', async () => {
  const origin = join(folder, 'origin.git');
  buildGreeterHistory({ target: join(folder, 'greeter'), bare: origin });
  await writeFile(join(folder, 'npm-token'), await npm.addUser('publisher'));
  const configuration = {
    version: 1,
    api: { listen: `127.0.0.1:${await findFreePort()}` },
    secrets: { npm_token: { file: 'npm-token', roles: ['release'] } },
    people: PEOPLE,
    products: {
      greeter: {
        repository: origin,
        version_files: ['package.json'],
        registries: {
          npm: { url: npm.url, access: 'public', token: 'npm_token', allow_first_publish: true },
        },
        scripts: { test: 'ops/test' },
      },
    },
  };
  await writeFile(join(folder, 'windlass.yaml'), stringify(configuration));
  const environment = { PATH: programPath(), HOME: folder, TEMPORAL_CLI_PATH: readTemporalBinary() };
  const place = { folder, environment };
  dev = await startDev(place);
  const record = await releaseByProgram(place, 'greeter', { dev, limitMs: 600_000 });
  const version = record.plan?.version;
  const tag = execFileSync('git', ['ls-remote', origin, `refs/tags/v${version}`], { encoding: 'utf8' });
  expect(tag).not.toBe('');
  const published = await fetch(`${npm.url}@windlass-example/greeter`);
  expect(await published.json()).toMatchObject({ 'dist-tags': { latest: version } });
  expect(await dev.stop()).toEqual([0, null]);
}, 300_000);
