import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { packPackage } from '../../../../src/providers/registry/npm/pack.ts';

it('packing writes nothing where the repository’s own .npmrc wants it', async () => {
  const root = mkdtempSync(join(tmpdir(), 'windlass-pack-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const folder = join(root, 'checkout');
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{"name":"lib","version":"1.0.0"}');
  const wanted = ['logs-dir', 'cache', 'prefix', 'pack-destination', 'userconfig'];
  writeFileSync(
    join(folder, '.npmrc'),
    wanted.map((name) => `${name}=${join(root, `outside-${name}`)}\n`).join(''),
  );
  const packed = await packPackage({ folder, outFolder: join(root, 'out') });
  expect(packed).toMatchObject({ name: 'lib', version: '1.0.0' });
  expect(wanted.filter((name) => existsSync(join(root, `outside-${name}`)))).toEqual([]);
});
