import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { nameOwner } from '../../src/integrations/process/process-owner.ts';
import { ensureTemporal, findTemporal } from '../../src/temporal/server/find-temporal.ts';
import { locateBuiltBinary } from '../../src/temporal/server/temporal-cache.ts';
import { parseTemporalVersion } from '../../src/temporal/server/temporal-version.ts';

const projectRoot = fileURLToPath(new URL('../..', import.meta.url));
let folder: string;
let environment: Record<string, string | undefined>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'windlass-find-temporal-'));
  await mkdir(join(folder, 'bin'));
  // The proxy leads nowhere, so that the SDK's download fails on machines that have the internet, too.
  const nowhere = 'http://127.0.0.1:1';
  environment = {
    HOME: folder,
    XDG_CACHE_HOME: join(folder, 'cache'),
    PATH: `${join(folder, 'bin')}:/usr/bin:/bin`,
    HTTPS_PROXY: nowhere,
    https_proxy: nowhere,
  };
});

afterEach(() => rm(folder, { recursive: true, force: true }));

/** A program that says it is the Temporal command line with this server. */
async function putTemporal(path: string, server: string): Promise<string> {
  return putScript(path, `echo "temporal version 0.0.0-DEV (Server ${server}, UI 2.50.1)"`);
}

async function putScript(path: string, body: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `#!/bin/sh\n${body}\n`);
  await chmod(path, 0o755);
  return path;
}

/** A Go that takes a moment, counts its builds, and leaves a command line of the wished server. */
async function putGo(server: string): Promise<void> {
  await putScript(
    join(folder, 'bin', 'go'),
    `if [ "$1" = env ]; then echo go1.26.8; exit; fi
    echo build >> "${folder}/builds"
    sleep 1
    while [ "$1" != -o ]; do shift; done
    printf '#!/bin/sh\\necho "temporal version 0.0.0-DEV (Server ${server}, UI 2.50.1)"\\n' > "$2"
    chmod 755 "$2"`,
  );
}

const look = () => findTemporal({ environment, projectRoot, mode: 'look' });

describe('finding Temporal', () => {
  test('takes a running server that TEMPORAL_ADDRESS names before anything else', async () => {
    await putTemporal(join(folder, 'bin', 'temporal'), '1.32.0');
    environment['TEMPORAL_ADDRESS'] = 'temporal.example:7233';
    const { choice, candidates } = await look();
    expect(choice).toEqual({ kind: 'address', address: 'temporal.example:7233', source: 'TEMPORAL_ADDRESS' });
    expect(candidates.map(({ outcome }) => outcome)).toEqual(['taken', ...Array(6).fill('not tried')]);
  });

  test('refuses an address that is none, before starting anything', async () => {
    environment['TEMPORAL_ADDRESS'] = 'http://temporal.example:7233/';
    await expect(look()).rejects.toThrow(/TEMPORAL_ADDRESS.*not HOST:PORT.*127\.0\.0\.1:7233/);
  });

  test('passes over a binary that is too old, and says so, for a newer one further down', async () => {
    environment['TEMPORAL_CLI_PATH'] = await putTemporal(join(folder, 'old'), '1.29.9');
    const path = await putTemporal(join(folder, 'bin', 'temporal'), '1.30.0');
    const { choice, candidates } = await look();
    expect(choice).toEqual({ kind: 'binary', binary: path, server: '1.30.0', source: 'PATH' });
    expect(candidates[1]).toMatchObject({
      source: 'TEMPORAL_CLI_PATH',
      outcome: 'passed over',
      reason: 'its server is 1.29.9, and 1.30.0 or later is needed',
    });
  });

  test('passes over programs that only bear the name', async () => {
    await putScript(join(folder, 'bin', 'temporal'), 'echo "temporal logic 2.0"');
    environment['TEMPORAL_CLI_PATH'] = join(folder, 'not-there');
    const built = await putTemporal(await locateBuiltBinary(environment, projectRoot), '1.32.0');
    const { choice, candidates } = await look();
    expect(choice).toMatchObject({ binary: built, source: 'built before' });
    expect(candidates[1]?.reason).toContain('ENOENT');
    expect(candidates[2]?.reason).toContain('not that of the Temporal command line');
  });

  test('says everything it tried, and what helps, when there is none and no Go', async () => {
    // Only what a shell needs: the machine's own Go must not be found.
    environment['PATH'] = join(folder, 'bin');
    const startedAt = Date.now();
    const error = await ensureTemporal({ environment, projectRoot }).catch((reason: Error) => reason);
    if (!(error instanceof Error)) throw new Error('It found one.');
    expect(error.name).toBe('TemporalProblem');
    for (const part of [
      'PATH: no program',
      'SDK download: ',
      'there is no Go',
      'https://go.dev/dl',
      'TEMPORAL_ADDRESS',
    ]) {
      expect(error.message).toContain(part);
    }
    expect(Date.now() - startedAt).toBeLessThan(25_000);
  });

  test('builds it once into the cache, however many processes want it at the same time', async () => {
    await putGo('1.32.0');
    const target = await locateBuiltBinary(environment, projectRoot);
    // A builder that died left its lock behind.
    const dead = spawn('true');
    await once(dead, 'close');
    await mkdir(`${target}.locks`, { recursive: true });
    const owner = nameOwner().replace(`-${process.pid}-`, `-${dead.pid}-`);
    await writeFile(join(`${target}.locks`, 'lock-1'), owner);

    const said: string[] = [];
    const want = () => ensureTemporal({ environment, projectRoot, onProgress: (text) => said.push(text) });
    const choices = await Promise.all([want(), want(), wantElsewhere((text) => said.push(text))]);
    for (const choice of choices) expect(choice).toMatchObject({ binary: target, server: '1.32.0' });
    expect(await readFile(join(folder, 'builds'), 'utf8')).toBe('build\n');
    // Whichever of the three builds says how long it takes; the others say for whom they wait.
    expect(said.filter((text) => text.includes('6 to 9 minutes'))).toHaveLength(1);
    expect(await readdir(dirname(target))).toEqual(['temporal', 'temporal.locks']);
    expect((await look()).choice).toMatchObject({ source: 'built before' });
  });

  test('tells the end of the compiler’s output when the build fails, and leaves nothing half built', async () => {
    const script = 'if [ "$1" = env ]; then echo go1.26.8; else echo "undefined: frobnicate" >&2; exit 1; fi';
    await putScript(join(folder, 'bin', 'go'), script);
    await expect(ensureTemporal({ environment, projectRoot })).rejects.toThrow(
      /the build failed[\s\S]*undefined: frobnicate/,
    );
    const kept = await readdir(dirname(await locateBuiltBinary(environment, projectRoot)));
    expect(kept).toEqual(['temporal.locks']);
  });
});

test('reads versions of released and self-built command lines', () => {
  expect(parseTemporalVersion('temporal version 1.8.2 (Server 1.32.0, UI 2.50.1)\n')).toEqual({
    cli: '1.8.2',
    server: '1.32.0',
    ui: '2.50.1',
  });
  expect(parseTemporalVersion('temporal version 0.0.0-DEV (Server 1.32.0)')?.server).toBe('1.32.0');
  expect(parseTemporalVersion('temporal 1.2')).toBeUndefined();
});

/** The same wish from another process. */
async function wantElsewhere(onProgress: (text: string) => void): Promise<unknown> {
  const program = `
    const { ensureTemporal } = await import(${JSON.stringify(join(projectRoot, 'src/temporal/server/find-temporal.ts'))});
    const onProgress = (text) => console.error(text);
    const options = { environment: process.env, projectRoot: ${JSON.stringify(projectRoot)}, onProgress };
    console.log(JSON.stringify(await ensureTemporal(options)));`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    env: environment as NodeJS.ProcessEnv,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (data: Buffer) => {
    output += data.toString();
  });
  createInterface({ input: child.stderr }).on('line', onProgress);
  await once(child, 'close');
  return JSON.parse(output);
}
