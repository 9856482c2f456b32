/**
 * The package as a newcomer gets it: released by Windlass's own workflow, and installed into an empty folder with an
 * empty home.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRepository } from '../integrations/git/history-repository.ts';
import {
  describePackage,
  findMachineNode,
  meetNewcomer,
  type Newcomer,
  type PackedPackage,
} from '../support/installed-package.ts';
import { fetchNode } from '../support/other-node.ts';
import { PROGRAM, programPath } from '../support/program.ts';
import { readTemporalBinary } from '../support/server/temporal-server.ts';
import { type Rehearsal, rehearseRelease } from './rehearsal/rehearse-release.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

let newcomer: Newcomer & { packed: PackedPackage };
let rehearsal: Rehearsal;
/** The machine's own (20 or later), the one between, and that of the checkout (24). */
const nodes = [...new Set([findMachineNode(), fetchNode('22.23.3'), process.execPath])];

beforeAll(async () => {
  newcomer = await meetNewcomer(async (registry, root) => {
    const environment = { ...process.env, TEMPORAL_CLI_PATH: readTemporalBinary() };
    rehearsal = await rehearseRelease({ root, registry, environment });
    return describePackage(rehearsal.tarball);
  });
});

afterAll(() => newcomer?.leave());

/** Runs the installed program, with a Node of one's own choice. */
function windlass(args: string[], options: { node?: string; cwd?: string; before?: string[] } = {}) {
  const { node = findMachineNode(), cwd = newcomer.folder, before = [] } = options;
  const env = newcomer.environment;
  const ran = spawnSync(node, [...before, newcomer.program, ...args], { cwd, env, encoding: 'utf8' });
  return { code: ran.status, out: ran.stdout, err: ran.stderr };
}

test('it is what Windlass plans of its own history, with a changelog by itself, tagged and offered', async () => {
  const { version, origin, integrity } = rehearsal;
  const git = (...args: string[]) => execFileSync('git', ['-C', origin, ...args], { encoding: 'utf8' });
  const clone = join(newcomer.root, 'clone');
  execFileSync('git', ['clone', '--quiet', '--no-tags', origin, clone]);
  const released = git('rev-parse', `v${version}^{commit}`).trim();
  const planned = spawnSync(PROGRAM, ['plan', '--json', '--repo', clone, '--to', `${released}~1`], {
    env: { PATH: programPath(), HOME: newcomer.root },
    encoding: 'utf8',
  });
  expect(JSON.parse(planned.stdout).next).toBe(version);
  expect(git('show', `v${version}:CHANGELOG.md`)).toContain(`\n## [${version}] - `);
  expect(JSON.parse(git('show', `v${version}:package.json`)).version).toBe(version);
  const packument = (await (await fetch(`${newcomer.registry.url}windlass`)).json()) as {
    'dist-tags': object;
    versions: Record<string, { dist: { integrity: string } }>;
  };
  expect(packument['dist-tags']).toEqual({ latest: version });
  const digest = createHash('sha512').update(readFileSync(rehearsal.tarball)).digest('base64');
  expect([integrity, packument.versions[version]?.dist.integrity]).toEqual(Array(2).fill(`sha512-${digest}`));
});

test('the tarball holds only what runs', () => {
  const { files, unpackedSize } = newcomer.packed;
  const beside = files
    .map(({ path }) => path)
    .filter((path) => !/^(dist|schema|tools\/temporal-cli)\//.test(path));
  expect(beside.sort()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'bin/windlass.cjs', 'package.json']);
  expect(files.filter(({ path }) => path.endsWith('.ts') && !path.endsWith('.d.ts'))).toEqual([]);
  // Two fifths of it are the workflows' bundle with its source map; what else could be in it by mistake is larger.
  expect(unpackedSize).toBeLessThan(12 * 1024 * 1024);
});

describe('without its optional parts', () => {
  beforeAll(() => {
    newcomer.npm('install', 'windlass', '--omit=optional');
  });

  test.each(nodes)('it plans and examines, by %s', (node) => {
    expect(windlass(['--version'], { node })).toEqual({ code: 0, out: `${rehearsal.version}\n`, err: '' });
    const repository = createRepository();
    try {
      repository.commit('feat: one');
      const plan = windlass(['plan'], { node, cwd: repository.folder });
      expect(plan).toMatchObject({ code: 0, err: '' });
      expect(plan.out).toContain('Next version: 0.1.0 (minor, the first release)');
    } finally {
      repository.remove();
    }
    const { out } = windlass(['doctor'], { node });
    expect(out).toMatch(
      /^ok +workflows +bundle of \d+\.\d+\.\d+, sha256:[0-9a-f]{12}…, built with Temporal's SDK \d/m,
    );
    expect(out).toContain(`bundle of ${rehearsal.version},`);
    expect(out).toMatch(/^optional +temporal sdk +Temporal's worker package is not installed$/m);
  });

  test('it says in a sentence what a worker lacks', () => {
    expect(windlass(['worker', '--role', 'qa'])).toEqual({
      code: 1,
      out: '',
      err: "windlass: no worker can run here: Temporal's worker package is not installed.\nInstall Windlass with its optional parts: npm install windlass --include=optional. What needs no worker works without.\n",
    });
  });

  test('a Node that is too old is told in one sentence', () => {
    const pretend = join(newcomer.root, 'old-node.cjs');
    writeFileSync(pretend, "Object.defineProperty(process.versions, 'node', { value: '16.20.2' });\n");
    const { code, out, err } = windlass(['plan'], { before: ['--require', pretend] });
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(
      /^windlass: Node 16\.20\.2 cannot run this; it needs \^20\.17\.0 \|\| >=22\.9\.0 \(\S+\)\.\n$/,
    );
  });
});

describe('whole', () => {
  beforeAll(() => {
    newcomer.npm('install', 'windlass', '--include=optional');
  });

  test('a program of TypeScript finds its types and its code', () => {
    const program = join(newcomer.folder, 'program.mts');
    writeFileSync(
      program,
      `import { openApi, type ApiClient } from 'windlass/client';
import { isConfigMistakes, loadInstallation, type Installation } from 'windlass/config';
import { releaseWorkflowId, type ReleaseActivities, type ReleaseInput } from 'windlass/contracts';
import schema from 'windlass/schema.json' with { type: 'json' };
const api: ApiClient = openApi({ address: 'http://127.0.0.1:9' });
const loaded = loadInstallation({ file: 'windlass.yaml', environment: {} });
const installation: Installation | undefined = isConfigMistakes(loaded) ? undefined : loaded;
export type Used = [ReleaseActivities, ReleaseInput];
console.log(releaseWorkflowId('shop'), api.address, installation?.file, schema.title);
`,
    );
    const compiler = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
    const types = join(ROOT, 'node_modules', '@types');
    const options = [
      '--module',
      'nodenext',
      '--target',
      'es2023',
      '--strict',
      '--noEmit',
      '--types',
      'node',
      '--typeRoots',
      types,
    ];
    const checked = spawnSync(process.execPath, [compiler, ...options, '--resolveJsonModule', program], {
      cwd: newcomer.folder,
      encoding: 'utf8',
    });
    expect(checked.stdout).toBe('');
    expect(checked.status).toBe(0);
    const ran = spawnSync(process.execPath, [program], { cwd: newcomer.folder, encoding: 'utf8' });
    expect(ran.stdout).toMatch(/^release\/shop http:\/\/127\.0\.0\.1:9 undefined /);
  });

  test('what the checkout’s program does, the package’s does: commands, processes, one whole release', () => {
    const files = ['plan', 'wrong-use', 'processes', 'release-with-program'].map(
      (name) => `test/cli/${name}.test.ts`,
    );
    const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
    const ran = spawnSync(process.execPath, [vitest, 'run', '--maxWorkers=1', ...files], {
      cwd: ROOT,
      encoding: 'utf8',
      env: {
        ...process.env,
        TEMPORAL_CLI_PATH: readTemporalBinary(),
        WINDLASS_TEST_PROGRAM: newcomer.program,
        WINDLASS_TEST_NODE: findMachineNode(),
      },
    });
    expect(ran.status, `${ran.stdout}\n${ran.stderr}`).toBe(0);
  }, 600_000);

  test('a platform for which Temporal’s SDK has no native part is told at once, with those that it has', () => {
    const releases = join(newcomer.folder, 'node_modules', '@temporalio', 'core-bridge', 'releases');
    for (const name of readdirSync(releases).filter((each) => each.includes('linux'))) {
      renameSync(join(releases, name), join(newcomer.root, name));
    }
    const { code, err } = windlass(['worker', '--role', 'qa']);
    expect(code).toBe(1);
    expect(err).toMatch(
      /^windlass: no worker can run here: Temporal's SDK has no native part for \w+ \w+\.\nRun workers on one of: Windows x64, macOS arm64, macOS x64\./,
    );
  });
});
