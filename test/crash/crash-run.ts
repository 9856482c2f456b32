import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import type { Authorization } from '../../src/contracts/activities.ts';
import type { Command } from '../../src/contracts/commands.ts';
import { signCommand } from '../../src/integrations/signing/signing.ts';
import type { HostName } from '../../src/providers/host/hosts.ts';
import { openFolderStore } from '../../src/providers/store/folder/folder-store.ts';
import type { Store } from '../../src/providers/store/store.ts';
import { referTo } from '../../src/providers/store/store.ts';
import type { StoreRef } from '../../src/release/store-ref.ts';
import { subjectOf } from '../../src/release/subject.ts';
import { createFixture, type DemoFixture, describeLedger } from '../support/fixture/demo.ts';
import { writeImageLayout } from '../support/fixture/oci-layout.ts';
import { findFreePort } from '../support/network/free-port.ts';
import { type HttpRecorder, startHttpRecorder } from '../support/network/http-recorder.ts';
import { type SmtpStub, startSmtp } from '../support/server/smtp.ts';
import { type CrashHosts, describeHost, startHosts } from './start-hosts.ts';
import { copyFolder, RELEASE_ID, type Template, VERSION } from './template.ts';

const exec = promisify(execFile);

/** The servers that all runs share; each run has names of its own in them. */
export interface SharedServers {
  npm: { url: string; token: string };
  oci: { host: string };
}

export type Part = 'npm' | 'oci' | 'script' | HostName | 'notices';

/** What the registry has before: the first publish of a package would set `latest` by itself. */
export const PREVIOUS_VERSION = '1.0.0';

/** One run's own little world: the same product, release and commits in each, so that outcomes can be compared. */
export interface CrashRun extends CrashHosts {
  /** Different for each run: queues, package, image. */
  id: string;
  folder: string;
  config: string;
  origin: string;
  template: Template;
  store: Store;
  bundle: StoreRef;
  packageName: string;
  tarball: { ref: StoreRef; integrity: string };
  npmUrl: string;
  ociRepository: string;
  image: { layoutFolder: string; digest: string };
  recorder: HttpRecorder | undefined;
  smtp: SmtpStub | undefined;
  authorization: Authorization;
  fixture: DemoFixture;
  stop(): Promise<void>;
}

export interface RunOptions {
  id: string;
  root: string;
  template: Template;
  servers: SharedServers;
  branched: boolean;
  parts: Part[];
  /** For whole releases: ports of a Temporal server and an API, staging and production, pushes over HTTP to the host. */
  whole?: boolean;
}

/** Lays out a run's world and its `windlass.yaml`. */
export async function makeRun(options: RunOptions): Promise<CrashRun> {
  const { id, template, servers, parts } = options;
  const folder = join(options.root, id);
  await mkdir(join(folder, 'ledger'), { recursive: true });
  const store = await openFolderStore(join(folder, 'store'));
  const packageName = `@crash/${id}`;
  await packTarball(folder, packageName, PREVIOUS_VERSION);
  const tarball = await packTarball(folder, packageName, VERSION);
  const hosts = await startHosts(parts);
  const { github, host } = hosts;
  const origin = options.whole && github ? github.repositoryPath : join(folder, 'origin.git');
  if (options.whole) await makeWholeOrigin(folder, template.plain, packageName, origin);
  else await copyFolder(options.branched ? template.branched : template.plain, origin);
  const recorder = parts.includes('notices') ? await startHttpRecorder() : undefined;
  const smtp = parts.includes('notices') ? await startSmtp() : undefined;
  const image = await writeImageLayout(join(folder, 'image'), {
    layers: [Buffer.from('the layer of it all')],
  });
  const ociRepository = `${servers.oci.host}/${id}/crash`;
  const fixture = createFixture('crash', false, options.whole ? await findPorts() : NO_PORTS);
  // What calls single effects starts no release that a ledger could know.
  const ledger = describeLedger(options.whole ? fixture : {});
  const keys = Object.fromEntries(Object.entries(ledger.secrets).map(([name, { value }]) => [name, value]));
  const secrets: Record<string, string> = {
    ...keys,
    npm_token: servers.npm.token,
    host_token: host?.token ?? 'none',
    slack_url: recorder ? `${recorder.url}slack` : 'none',
    signing_key: fixture.signing.privateKey,
    hook_secret: 'whsec_dGhlIHNlY3JldCBvZiB0aGUgd2ViaG9vaw==',
  };
  await mkdir(join(folder, 'secrets'));
  for (const [name, value] of Object.entries(secrets)) await writeFile(join(folder, 'secrets', name), value);
  const config = join(folder, 'windlass.yaml');
  await writeFile(config, stringify(describeInstallation()));

  function describeInstallation(): object {
    const rolesOf = (name: string) =>
      name === 'signing_key'
        ? ['api']
        : (ledger.secrets[name]?.roles ?? ['release', 'writer', 'qa', 'devops', 'support']);
    return {
      version: 1,
      temporal: {
        sealed_payloads: false,
        namespace: 'default',
        ...(options.whole ? { address: `127.0.0.1:${fixture.ports.temporal}` } : {}),
      },
      store: { folder: './store', retention: { keep_versions: 2 } },
      work_folder: './work',
      ...ledger.section,
      api: {
        listen: `127.0.0.1:${fixture.ports.api}`,
        signing: { key_id: fixture.signing.keyId, private_key: 'signing_key' },
        verify_keys: [{ key_id: fixture.signing.keyId, public_key: fixture.signing.publicKey }],
      },
      secrets: Object.fromEntries(
        Object.keys(secrets).map((name) => [name, { file: `secrets/${name}`, roles: rolesOf(name) }]),
      ),
      people: Object.fromEntries(
        fixture.people.map(({ name, roles, tokenSha256 }) => [name, { roles, token_sha256: tokenSha256 }]),
      ),
      channels: {
        ceo: [{ file: './notices.jsonl' }],
        ...(recorder && smtp
          ? {
              by_slack: [{ slack: 'slack_url' }],
              by_hook: [{ webhook: `${recorder.url}hook`, secret: 'hook_secret' }],
              by_mail: [{ email: ['ceo@example.invalid'] }],
            }
          : {}),
      },
      ...(smtp ? { mail: { host: smtp.host, port: smtp.port, from: 'windlass@example.invalid' } } : {}),
      products: {
        crash: {
          title: 'Crash',
          repository: options.whole && github ? { url: github.gitUrl, token: 'host_token' } : origin,
          registries: {
            npm: { url: servers.npm.url, access: 'public', token: 'npm_token', allow_first_publish: true },
            ...(parts.includes('script') ? { folder: { kind: 'script', run: 'ops/registry' } } : {}),
            ...(parts.includes('oci')
              ? { docker: { repository: ociRepository, insecure: true, moving_tags: ['latest'] } }
              : {}),
          },
          ...describeHost(hosts),
          version_files: ['package.json'],
          variables: { LEDGER: join(folder, 'ledger'), IMAGE: image.folder },
          scripts: {
            test: ['ops/act', 'test'],
            e2e: ['ops/act', 'e2e'],
            container: ['ops/act', 'container'],
          },
          environments: Object.fromEntries(
            ['staging', 'production'].map((name) => [
              name,
              { url: 'http://127.0.0.1:9', instances: 2, scripts: ENVIRONMENT_SCRIPTS },
            ]),
          ),
        },
      },
    };
  }

  const bundle = await store.put(template.bundle);
  return {
    id,
    folder,
    config,
    origin,
    template,
    store,
    bundle,
    packageName,
    tarball: { ref: await store.put(tarball), integrity: await integrityOf(tarball) },
    npmUrl: servers.npm.url,
    ociRepository,
    image: { layoutFolder: image.folder, digest: image.digest },
    ...hosts,
    recorder,
    smtp,
    fixture,
    authorization: approve(fixture, referTo(tarball).digest, image.digest, template.commit),
    stop: async () => {
      await host?.stop();
      await recorder?.stop();
      await smtp?.stop();
    },
  };
}

const ENVIRONMENT_SCRIPTS = Object.fromEntries([
  ...['backup', 'deploy', 'migrate', 'traffic', 'rollback', 'restore', 'verify', 'smoke'].map((name) => [
    name,
    { run: ['ops/act', name] },
  ]),
  ['status', 'ops/status'],
]);

const NO_PORTS = {
  ...{ temporal: 0, webUi: 0, api: 8080, npm: 0, staging: 0, stagingControl: 0 },
  ...{ production: 0, productionControl: 0 },
};

/** A history with a release and something to release, under the run's own package name. */
async function makeWholeOrigin(folder: string, plain: string, name: string, target: string): Promise<void> {
  const clone = join(folder, 'clone');
  await exec('git', ['clone', '--quiet', plain, clone]);
  const commit = async (message: string, version: string) => {
    await writeFile(join(clone, 'package.json'), `${JSON.stringify({ name, version }, undefined, 2)}\n`);
    await writeFile(join(clone, 'index.js'), `export const why = '${message}';\n`);
    await exec('git', ['add', '.'], { cwd: clone });
    const author = ['-c', 'user.name=Mira', '-c', 'user.email=mira@example.invalid'];
    await exec('git', [...author, 'commit', '--quiet', '-m', message], { cwd: clone });
  };
  await commit('feat: a first version', PREVIOUS_VERSION);
  await exec('git', ['tag', `v${PREVIOUS_VERSION}`], { cwd: clone });
  await commit('feat: something more', PREVIOUS_VERSION);
  await exec('git', ['push', '--quiet', target, 'main', '--tags'], { cwd: clone });
}

async function findPorts(): Promise<DemoFixture['ports']> {
  const [temporal, api] = [await findFreePort(), await findFreePort()];
  return { ...NO_PORTS, temporal: temporal as number, api: api as number };
}

/** The go-live decision of a patch, as the API would have signed it. */
function approve(
  fixture: ReturnType<typeof createFixture>,
  artifact: string,
  image: string,
  commit: string,
): Authorization {
  const parts = {
    product: 'crash',
    version: VERSION,
    type: 'patch',
    planHash: 'p',
    commit,
    artifact,
    image,
  } as const;
  const sign = (person: string, role: 'ceo' | 'release_manager') => {
    const command: Command = {
      nonce: randomUUID(),
      name: 'approve',
      product: 'crash',
      releaseId: RELEASE_ID,
      gate: 'go_live',
      subject: subjectOf(parts),
      person,
      role,
      issuedAt: new Date().toISOString(),
      validUntil: new Date(Date.now() + 3_600_000).toISOString(),
    };
    return signCommand(command, fixture.signing);
  };
  return {
    parts,
    requestedBy: 'dora',
    authors: [],
    decisions: [sign('ada', 'ceo'), sign('cleo', 'release_manager')],
  };
}

/** A package of two files, with nothing in it that differs from one packing to the next but its name. */
export async function packTarball(
  folder: string,
  name: string,
  version: string,
  content = 'export const answer = 42;\n',
): Promise<Buffer> {
  await mkdir(join(folder, 'pack', 'package'), { recursive: true });
  await writeFile(join(folder, 'pack', 'package', 'package.json'), JSON.stringify({ name, version }));
  await writeFile(join(folder, 'pack', 'package', 'index.js'), content);
  const file = join(folder, `${version}.tgz`);
  await exec('tar', ['-C', join(folder, 'pack'), '-czf', file, 'package']);
  return readFileSync(file);
}

async function integrityOf(bytes: Buffer): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-512', new Uint8Array(bytes));
  return `sha512-${Buffer.from(digest).toString('base64')}`;
}

/** git in the run's origin, for looking at what is there. */
export async function askOrigin(run: CrashRun, ...args: string[]): Promise<string> {
  const { stdout } = await exec('git', ['--git-dir', run.origin, ...args]);
  return stdout.trim();
}

/** How often each script ran for each effect key: lines of the ledger, in order. */
export function readLedger(run: CrashRun): string[] {
  const file = join(run.folder, 'ledger', 'ledger');
  return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
}
