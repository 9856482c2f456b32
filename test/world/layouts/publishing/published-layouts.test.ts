import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { createFixture, describeLedger } from '../../../support/fixture/demo.ts';
import { describeInstallation } from '../../../support/fixture/greeter-world.ts';
import { type ReleaseFixture, startReleaseFixture } from '../../../support/fixture/release-fixture.ts';
import { readInstallation } from '../../../support/fixture/release-world.ts';
import { helm } from '../../../support/helm.ts';
import { dockerRegistryInstalled } from '../../../support/server/docker-registry.ts';
import { PYTHON_TOOLS, pypiInstalled } from '../../../support/server/pypi.ts';
import { openWorkTree } from '../../../support/work-tree.ts';
import { JAVASCRIPT } from '../javascript.ts';
import { BUILD, type Layout, writeHistory } from '../layout.ts';
import { OTHERS } from '../others.ts';
import { SYSTEMS } from '../systems.ts';
import { type Registries, startRegistries } from './registries.ts';

const LAYOUTS = [...JAVASCRIPT, ...SYSTEMS, ...OTHERS];
const isInstalled = dockerRegistryInstalled && pypiInstalled && helm !== undefined;
if (!isInstalled) {
  console.warn('SKIPPED: docker-registry, pypiserver with twine, and helm are needed; .ci/run gets them');
}

/** All of them are products of one installation, whose releases run side by side. */
describe.runIf(isInstalled)('a public project’s layout, released', () => {
  const names = new Map(LAYOUTS.map((layout) => [layout, nameOf(layout)]));
  const path = process.env['PATH'];
  let root: string;
  let registries: Registries;
  let releases: ReleaseFixture;

  beforeAll(async () => {
    process.env['PATH'] = [PYTHON_TOOLS, path].join(delimiter);
    root = await mkdtemp(join(tmpdir(), 'windlass-layouts-'));
    registries = await startRegistries(root);
    const products: Record<string, object> = {};
    for (const layout of LAYOUTS) {
      const { publishing } = layout;
      const folder = join(root, names.get(layout) ?? '');
      await mkdir(folder);
      const tree = openWorkTree(folder);
      await writeHistory(tree, layout);
      if (publishing?.files) await tree.commit('ci: release with Windlass', publishing.files);
      await publishing?.prepare?.(registries);
      products[names.get(layout) ?? ''] = {
        ...{ title: layout.name, repository: tree.origin },
        scripts: { test: { run: 'true' }, build: { run: BUILD, shell: true } },
        ...merge(layout.product, publishing?.product(registries) ?? {}),
      };
    }
    releases = await startInstallation(root, products, {
      npm_token: registries.npmToken,
      maven_password: registries.maven.login.password,
    });
    await Promise.all(LAYOUTS.map((layout) => releases.actOn(names.get(layout) ?? '').start()));
  });

  afterAll(async () => {
    await releases?.leave();
    await registries?.stop();
    process.env['PATH'] = path;
    await rm(root, { recursive: true, force: true });
  });

  it.concurrent.each(LAYOUTS.map((layout) => [layout.name, layout] as const))(
    'is approved, built, published, tagged, and found by its users: %s',
    async (_, layout) => {
      const name = names.get(layout) ?? '';
      const { version, tag } = layout.expected;
      const record = await releases.actOn(name).approveEverything();
      expect(record.outcome, JSON.stringify([record.ending, record.waiting])).toBe('released');
      expect(record.plan).toMatchObject({ version, tag });
      const origin = join(root, name, 'origin.git');
      const tagged = execFileSync('git', ['-C', origin, 'rev-parse', `refs/tags/${tag}^{commit}`]);
      expect(tagged.toString().trim()).toBe(record.commit);
      await layout.publishing?.check(registries);
    },
  );
});

function nameOf({ name }: Layout): string {
  const words = name.toLowerCase().match(/[a-z]+/g) ?? [];
  return `${words.slice(0, 2).join('-')}-${randomUUID().slice(0, 6)}`;
}

/** Two parts of one entry: what both have as a section is one. */
function merge(one: Record<string, unknown>, other: Record<string, unknown>): Record<string, unknown> {
  const release = { ...(one['release'] as object), ...(other['release'] as object) };
  return { ...one, ...other, ...(Object.keys(release).length > 0 ? { release } : {}) };
}

/** Workers for an installation with all these products. */
async function startInstallation(
  root: string,
  products: Record<string, object>,
  secrets: Record<string, string>,
): Promise<ReleaseFixture> {
  const [first = ''] = Object.keys(products);
  const none = 0;
  const fixture = createFixture(first, false, {
    ...{ temporal: none, webUi: none, api: 8080, npm: none, staging: none, stagingControl: none },
    ...{ production: none, productionControl: none },
  });
  const ledger = describeLedger(fixture);
  const own = { maven_password: { value: secrets['maven_password'] ?? '', roles: ['release'] } };
  const kept = { ...ledger.secrets, ...own };
  await mkdir(join(root, 'secrets'));
  const values = {
    ...Object.fromEntries(Object.entries(kept).map(([name, { value }]) => [name, value])),
    ...secrets,
    signing_key: fixture.signing.privateKey,
  };
  for (const [name, value] of Object.entries(values)) await writeFile(join(root, 'secrets', name), value);
  const file = join(root, 'windlass.yaml');
  await writeFile(file, stringify({ ...describeInstallation(fixture, products, kept), ...ledger.section }));
  return await startReleaseFixture(readInstallation(file), fixture);
}
