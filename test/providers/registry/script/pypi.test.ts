import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Registry } from '../../../../src/providers/registry/registry.ts';
import { PYTHON_TOOLS, pypiInstalled, startPypi } from '../../../support/server/pypi.ts';
import { type ExampleRegistry, openExample } from './open-example.ts';

describe.runIf(pypiInstalled)('the example for PyPI, with twine against a real index', () => {
  let root: string;
  let index: Awaited<ReturnType<typeof startPypi>>;
  let pypi: ExampleRegistry;
  let registry: Registry;

  beforeAll(async () => {
    root = realpathSync(mkdtempSync(join(tmpdir(), 'windlass-pypi-')));
    index = await startPypi();
    const variables = {
      PYPI_URL: `${index.url}simple/`,
      PYPI_UPLOAD_URL: index.url,
      TWINE_USERNAME: 'x',
      TWINE_PASSWORD: 'x',
    };
    pypi = await openExample({ name: 'pypi', root, variables, tools: PYTHON_TOOLS });
    registry = pypi.registry;
  });

  afterAll(async () => {
    await index?.stop();
    rmSync(root, { recursive: true, force: true });
  });

  /** A source archive as `python -m build --sdist` leaves it. */
  function makeSdist(version: string, text: string): string {
    const folder = join(root, `shop-${version}`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      join(folder, 'PKG-INFO'),
      `Metadata-Version: 2.1\nName: shop\nVersion: ${version}\n\n${text}\n`,
    );
    execFileSync('tar', ['czf', `shop-${version}.tar.gz`, `shop-${version}`], { cwd: root });
    return `shop-${version}.tar.gz`;
  }

  async function build(version: string, text = 'A shop.') {
    return await pypi.build(version, [makeSdist(version, text)]);
  }

  it('publishes once, whatever is repeated, and fetches the same bytes back', async () => {
    const built = await build('1.0.0');
    expect(await pypi.publish(built)).toBe('done');
    expect(await pypi.publish(built)).toBe('done_before');
    expect(await registry.verify(registry.describe(built), '1.0.0')).toContain(built.digest);
  });

  it('finds a version, its bytes, and which are used up', async () => {
    const none = async () => undefined;
    const found = await registry.find('1.0.0', none);
    expect(found).toMatchObject({ registry: 'pypi', name: 'shop' });
    expect(await registry.fetch(found!, '1.0.0')).toMatchObject({ artifact: { digest: found!.digest } });
    expect(await registry.find('9.9.9', none)).toBeUndefined();
    expect(await registry.listVersions(none)).toEqual(['1.0.0']);
  });

  it('never goes past somebody else’s bytes under the same version: both digests are shown', async () => {
    await pypi.publish(await build('2.0.0', 'theirs'));
    const ours = await build('2.0.0', 'ours');
    await expect(pypi.publish(ours)).rejects.toThrow(/changed by somebody else/);
    await expect(registry.verify(registry.describe(ours), '2.0.0')).rejects.toThrow(/other bytes/);
  });

  it('says of a rollback what remains, since an index has neither channels nor a way back', async () => {
    const publication = (await registry.find('1.0.0', async () => undefined))!;
    const published = { releaseId: 'shop-2', version: '1.0.0', publication };
    expect(await registry.promote(published)).toEqual({ effects: [], stays: ['1.0.0'] });
    expect(await registry.withdraw({ ...published, message: 'bad' })).toEqual({
      effects: [],
      stays: ['shop 1.0.0 on pypi'],
    });
  });
});
