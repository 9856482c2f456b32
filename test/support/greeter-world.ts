import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { buildGreeterHistory } from '../../examples/greeter-history/build-history.ts';
import type { Installation } from '../../src/config/installation.ts';
import type { DemoPlot } from '../../src/demo/plot.ts';
import { inventPlot } from '../../src/demo/plot.ts';
import { readInstallation } from './release-world.ts';
import { enterScene, type Scene } from './scene.ts';
import { startVerdaccio, type Verdaccio } from './verdaccio.ts';

/** A small library (no environments) with every role's worker: the quickest whole release there is. */
export interface GreeterWorld extends Scene {
  plot: DemoPlot;
  root: string;
  origin: string;
  npm: Verdaccio;
  installation: Installation;
  stop(): Promise<void>;
}

/** Starts it. `change` edits the product's entry of `windlass.yaml` before it is read. */
export async function startGreeterWorld(
  change: (product: Record<string, unknown>) => void = () => undefined,
): Promise<GreeterWorld> {
  const root = await mkdtemp(join(tmpdir(), 'windlass-greeter-'));
  const origin = join(root, 'origin.git');
  buildGreeterHistory({ target: join(root, 'greeter'), bare: origin });
  const npm = await startVerdaccio();
  const none = 0;
  const plot = inventPlot(`greeter-${randomUUID().slice(0, 8)}`, false, {
    ...{ temporal: none, webUi: none, api: 8080, npm: npm.port, staging: none, stagingControl: none },
    ...{ production: none, productionControl: none },
  });
  const product: Record<string, unknown> = {
    title: 'Greeter',
    repository: origin,
    tag_format: 'v{version}',
    version_files: ['package.json'],
    registries: { npm: { url: npm.url, access: 'public', token: 'npm_token', allow_first_publish: true } },
    scripts: { test: 'ops/test' },
  };
  change(product);
  const config = join(root, 'windlass.yaml');
  await mkdir(join(root, 'secrets'));
  await writeFile(join(root, 'secrets', 'npm_token'), await npm.addUser('publisher'));
  await writeFile(join(root, 'secrets', 'signing_key'), plot.signing.privateKey);
  await writeFile(config, stringify(describeInstallation(plot, product)));
  const installation = readInstallation(config);
  const scene = await enterScene(installation, plot);
  return {
    ...scene,
    plot,
    root,
    origin,
    npm,
    installation,
    stop: async () => {
      await scene.leave();
      await npm.stop();
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** A commit by somebody else on the product's main; one paragraph of its message each. */
export function commitToMain(scene: Pick<GreeterWorld, 'root' | 'origin'>, paragraphs: string[]): void {
  const clone = join(scene.root, `clone-${randomUUID()}`);
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', clone, '-c', 'user.name=Ola', '-c', 'user.email=ola@example.test', ...args]);
  execFileSync('git', ['clone', '--quiet', scene.origin, clone]);
  git('commit', '--quiet', '--allow-empty', ...paragraphs.flatMap((paragraph) => ['-m', paragraph]));
  git('push', '--quiet', 'origin', 'HEAD:refs/heads/main');
}

function describeInstallation(plot: DemoPlot, product: object): object {
  return {
    version: 1,
    temporal: { namespace: 'default' },
    store: { folder: './store' },
    work_folder: './work',
    api: {
      listen: '127.0.0.1:8080',
      signing: { key_id: plot.signing.keyId, private_key: 'signing_key' },
      verify_keys: [{ key_id: plot.signing.keyId, public_key: plot.signing.publicKey }],
    },
    secrets: {
      npm_token: { file: 'secrets/npm_token', roles: ['release'] },
      signing_key: { file: 'secrets/signing_key', roles: ['api'] },
    },
    people: Object.fromEntries(
      plot.people.map(({ name, displayName, roles, tokenSha256 }) => [
        name,
        { display_name: displayName, roles, token_sha256: tokenSha256 },
      ]),
    ),
    channels: {
      ceo: [{ file: './notices/ceo.jsonl' }],
      customers: [{ file: './notices/customers.jsonl' }],
    },
    products: { [plot.product]: product },
  };
}
