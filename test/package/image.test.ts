/** The image as the Dockerfile makes it of the package, and its entry points running in it. */
import { type ChildProcess, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { type BuiltImage, buildImage, imagesCanBeBuilt } from '../support/image.ts';
import { findFreePort } from '../support/network/free-port.ts';
import {
  connectTestClient,
  createTestNamespace,
  readSharedTemporal,
  waitFor,
} from '../support/server/temporal-server.ts';

if (!imagesCanBeBuilt) {
  console.warn('SKIPPED: no image can be built here (root, and apt-get install -y buildah debootstrap)');
}

describe.skipIf(!imagesCanBeBuilt)('the image', () => {
  let image: BuiltImage;
  let files: string;
  const started: ChildProcess[] = [];

  beforeAll(async () => {
    files = await mkdtemp(join(tmpdir(), 'windlass-image-files-'));
    image = await buildImage();
  }, 900_000);

  afterAll(async () => {
    for (const child of started) if (child.exitCode === null) child.kill('SIGKILL');
    await image?.remove();
    await rm(files, { recursive: true, force: true });
  });

  async function configure(): Promise<void> {
    const { connection, close } = await connectTestClient();
    const namespace = await createTestNamespace(connection);
    await close();
    const config = {
      temporal: { address: readSharedTemporal().address, namespace, sealed_payloads: false },
      store: { folder: '/var/lib/windlass/store' },
      work_folder: '/var/lib/windlass/work',
      api: { listen: `127.0.0.1:${await findFreePort()}` },
      people: { ada: { roles: ['ceo'] } },
      products: {},
    };
    await writeFile(join(files, 'windlass.yaml'), stringify(config), { mode: 0o644 });
    spawnSync('chmod', ['755', files]);
  }

  test('starts Windlass under an init, as a user who is not root, on a root that is not written to', () => {
    expect(image.config).toMatchObject({ User: 'node', Entrypoint: ['tini', '--', 'windlass'] });
    const entry = image.config.Entrypoint ?? [];
    expect(image.run([...entry, '--version'])).toEqual({ code: 0, out: '0.1.0\n', err: '' });
    expect(image.run(['id', '-u']).out).toBe('1000\n');
    expect(image.run(['touch', '/opt/windlass/package.json']).err).toMatch(/Read-only|Permission denied/);
    expect(image.run(['touch', '/var/lib/windlass/work/mine'])).toMatchObject({ code: 0 });
  });

  test('has what a worker needs, and nothing to build with', () => {
    const { out } = image.run(['windlass', 'doctor']);
    expect(out).toMatch(/^ok +workflows +bundle of 0\.1\.0/m);
    expect(out).toMatch(/^ok +temporal sdk +workers can run here/m);
    expect(out).toMatch(/^ok +git /m);
    for (const tool of ['gcc', 'make', 'python3', 'tsc', 'buildah']) {
      expect(image.run(['sh', '-c', `command -v ${tool}`]).code, tool).not.toBe(0);
    }
    const modules = join(image.rootfs, 'opt', 'windlass', 'node_modules');
    expect(existsSync(join(modules, 'node'))).toBe(false);
    expect(existsSync(join(modules, 'typescript'))).toBe(false);
    const natives = readdirSync(join(modules, '@temporalio', 'core-bridge', 'releases'));
    expect(natives).toHaveLength(1);
    console.log(`the image adds ${Math.round(image.added / 1024 / 1024)} MiB to its base`);
  });

  test('a worker and the API become healthy in it, and end when they are asked to', async () => {
    await configure();
    for (const [name, command] of [
      ['qa', ['worker', '--role', 'qa']],
      ['api', ['serve']],
    ] as const) {
      expect(image.run(['windlass', 'health', name], files).code).toBe(1);
      const child = image.start(['tini', '--', 'windlass', ...command], files);
      started.push(child);
      let said = '';
      child.stdout?.on('data', (chunk) => (said += chunk));
      child.stderr?.on('data', (chunk) => (said += chunk));
      await waitFor(
        `${name} to be healthy`,
        async () => {
          if (child.exitCode !== null) throw new Error(said);
          return image.run(['windlass', 'health', name], files).code === 0;
        },
        120_000,
      );
      const [pid] = spawnSync('pgrep', ['-P', String(child.pid)], { encoding: 'utf8' }).stdout.split('\n');
      process.kill(Number(pid), 'SIGTERM');
      await once(child, 'close');
      expect(child.exitCode, said).toBe(0);
    }
  });
});
