import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { runScript } from '../integrations/process/run-script.ts';
import { packPackage } from '../providers/registry/npm/pack.ts';
import { publishTarball } from '../providers/registry/npm/registry.ts';
import { ENVIRONMENT_KINDS, type EnvironmentKind } from '../release/names.ts';
import type { DemoFixture } from './fixture.ts';
import type { DemoFolders } from './folders.ts';

const run = promisify(execFile);
const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

/** The version that the world runs before the release. */
export const VERSION_BEFORE = '1.2.0';

/** The mistake that `--bad` releases: it passes the gates and staging, and breaks in production. */
export const BAD_FAULT = 'breaks-in-production';

/** Makes the example product a real git repository with a bare origin. */
export async function makeOrigin(fixture: DemoFixture, folders: DemoFolders): Promise<void> {
  await rm(folders.clone, { recursive: true, force: true });
  await rm(dirname(folders.origin), { recursive: true, force: true });
  await mkdir(dirname(folders.origin), { recursive: true });
  await run(process.execPath, [
    '--disable-warning=ExperimentalWarning',
    join(PROJECT, 'examples/shop-history/build-history.ts'),
    ...['--target', folders.clone, '--bare', folders.origin],
    ...(fixture.bad ? ['--fault', BAD_FAULT] : []),
  ]);
}

/** Publishes the last release and deploys it everywhere: the world as it is before anybody says "release". */
export async function bringUpVersionBefore(fixture: DemoFixture, folders: DemoFolders): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), 'windlass-demo-'));
  try {
    const checkout = join(scratch, 'shop');
    await run('git', ['clone', '--quiet', '--branch', `v${VERSION_BEFORE}`, folders.origin, checkout]);
    const packed = await packPackage({ folder: checkout, outFolder: scratch });
    await publishTarball({
      registry: `http://127.0.0.1:${fixture.ports.npm}/`,
      token: fixture.npmToken,
      file: packed.file,
      tag: 'latest',
      access: 'public',
    });
    for (const environment of ENVIRONMENT_KINDS) {
      await deployByHand(fixture, environment, checkout, packed.file);
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** The product's own scripts, called as a person would before there was Windlass. */
async function deployByHand(
  fixture: DemoFixture,
  environment: EnvironmentKind,
  checkout: string,
  artifact: string,
): Promise<void> {
  const control = environment === 'staging' ? fixture.ports.stagingControl : fixture.ports.productionControl;
  for (const script of ['deploy', 'migrate', 'traffic']) {
    const result = await runScript({
      cwd: checkout,
      command: [`ops/${script}`],
      timeoutMs: 60_000,
      environment: {
        SHOP_SUPERVISOR: `http://127.0.0.1:${control}`,
        WINDLASS_PRODUCT: fixture.product,
        WINDLASS_VERSION: VERSION_BEFORE,
        WINDLASS_ARTIFACT: artifact,
        WINDLASS_ENVIRONMENT: environment,
        WINDLASS_SLOT: 'blue',
        WINDLASS_TRAFFIC_PERCENT: '100',
        WINDLASS_TARGET_URL: `http://127.0.0.1:${fixture.ports[environment]}`,
        WINDLASS_EFFECT_KEY: `by-hand/${script}/${VERSION_BEFORE}`,
        WINDLASS_GENERATION: '0',
      },
      secrets: {},
      logFile: join(dirname(checkout), `${environment}-${script}.log`),
    });
    if (result.exitCode !== 0)
      throw new Error(`${script} of ${VERSION_BEFORE} in ${environment} failed:\n${result.log.tail}`);
  }
}
