import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { performEffect } from '../../../../src/activities/perform-effect.ts';
import { runScript } from '../../../../src/integrations/process/run-script.ts';
import { searchPath } from '../../../../src/integrations/process/search-path.ts';
import type { Build, Registry, RegistryContext } from '../../../../src/providers/registry/registry.ts';
import { openScript } from '../../../../src/providers/registry/script/open.ts';
import { openFolderStore } from '../../../../src/providers/store/folder/folder-store.ts';
import type { ProductSettings } from '../../../../src/release/settings.ts';
import { PYTHON_TOOLS, pypiInstalled, startPypi } from '../../../support/server/pypi.ts';

const EXAMPLE = fileURLToPath(new URL('../../../../examples/registries/pypi', import.meta.url));

describe.runIf(pypiInstalled)('the example for PyPI, with twine against a real index', () => {
  let root: string;
  let index: Awaited<ReturnType<typeof startPypi>>;
  let registry: Registry;

  beforeAll(async () => {
    root = realpathSync(mkdtempSync(join(tmpdir(), 'windlass-pypi-')));
    index = await startPypi();
    registry = openScript(await describeContext());
  });

  afterAll(async () => {
    await index?.stop();
    rmSync(root, { recursive: true, force: true });
  });

  async function describeContext(): Promise<RegistryContext> {
    let scratches = 0;
    const checkout = join(root, 'checkout');
    mkdirSync(join(checkout, 'ops'), { recursive: true });
    cpSync(EXAMPLE, join(checkout, 'ops/pypi'));
    const variables = {
      PYPI_URL: `${index.url}simple/`,
      PYPI_UPLOAD_URL: index.url,
      TWINE_USERNAME: 'x',
      TWINE_PASSWORD: 'x',
    };
    return {
      name: 'pypi',
      settings: { kind: 'script', run: ['ops/pypi'], timeoutMs: 60_000, variables, secrets: {} },
      product: { name: 'shop', release: { releaseType: 'stable', releaseBranch: 'main' } } as ProductSettings,
      store: await openFolderStore(join(root, 'store')),
      signal: () => new AbortController().signal,
      secret: () => '',
      withScratch: async (work) => {
        scratches += 1;
        const folder = join(root, `scratch-${scratches}`);
        mkdirSync(folder);
        return await work(folder);
      },
      runProgram: async (program, use) => {
        const result = await runScript({
          cwd: checkout,
          command: program.run,
          timeoutMs: program.timeoutMs,
          environment: {
            ...program.facts,
            ...program.variables,
            PATH: [PYTHON_TOOLS, searchPath()].join(delimiter),
          },
          secrets: {},
          logFile: join(root, `log-${scratches}`),
        });
        if (result.exitCode !== 0) throw new Error(`${program.title} failed: ${result.log.tail}`);
        return await use({ folder: checkout, output: (result.output ?? {}) as Record<string, unknown> });
      },
    };
  }

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
    const file = makeSdist(version, text);
    return await registry.make({
      version,
      folder: root,
      root,
      output: { packages: { pypi: [file] } },
      isBuilt: true,
      findMade: async (folder: string, named: string) => join(folder, named),
      runScript: async () => undefined,
    } as Build);
  }

  async function publish(built: Awaited<ReturnType<typeof build>>) {
    const calm = { barrier: async () => undefined, isOwned: () => true };
    const { effects } = await registry.publish(built, 'shop-1');
    const [effect] = effects;
    return await performEffect(calm, { ...effect!, name: 'registry-publish' });
  }

  it('publishes once, whatever is repeated, and fetches the same bytes back', async () => {
    const built = await build('1.0.0');
    expect((await publish(built)).receipts[0]?.outcome).toBe('done');
    expect((await publish(built)).receipts[0]?.outcome).toBe('done_before');
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
    await publish(await build('2.0.0', 'theirs'));
    const ours = await build('2.0.0', 'ours');
    await expect(publish(ours)).rejects.toThrow(/changed by somebody else/);
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
