/** The package as a newcomer gets it: packed, published, and installed into an empty folder with an empty home. */
import { spawnSync } from 'node:child_process';
import { readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRepository } from '../integrations/git/history-repository.ts';
import {
  findMachineNode,
  meetNewcomer,
  type Newcomer,
  type PackedPackage,
  packPackage,
} from '../support/installed-package.ts';
import { readTemporalBinary } from '../support/server/temporal-server.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

let newcomer: Newcomer & { packed: PackedPackage };
const nodes = [...new Set([findMachineNode(), process.execPath])];

beforeAll(async () => {
  newcomer = await meetNewcomer(packPackage);
});

afterAll(() => newcomer?.leave());

/** Runs the installed program, with a Node of one's own choice. */
function windlass(args: string[], options: { node?: string; cwd?: string; before?: string[] } = {}) {
  const { node = findMachineNode(), cwd = newcomer.folder, before = [] } = options;
  const env = newcomer.environment;
  const ran = spawnSync(node, [...before, newcomer.program, ...args], { cwd, env, encoding: 'utf8' });
  return { code: ran.status, out: ran.stdout, err: ran.stderr };
}

test('the tarball holds only what runs', () => {
  const { files, unpackedSize } = newcomer.packed;
  const beside = files
    .map(({ path }) => path)
    .filter((path) => !/^(dist|schema|tools\/temporal-cli)\//.test(path));
  expect(beside.sort()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'bin/windlass.cjs', 'package.json']);
  expect(files.filter(({ path }) => path.endsWith('.ts') && !path.endsWith('.d.ts'))).toEqual([]);
  expect(unpackedSize).toBeLessThan(10 * 1024 * 1024);
});

describe('without its optional parts', () => {
  beforeAll(() => {
    newcomer.npm('install', 'windlass', '--omit=optional');
  });

  test.each(nodes)('it plans and examines, by %s', (node) => {
    expect(windlass(['--version'], { node })).toEqual({ code: 0, out: '0.1.0\n', err: '' });
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
      /^ok +workflows +bundle of 0\.1\.0, sha256:[0-9a-f]{12}…, built with Temporal's SDK \d/m,
    );
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
