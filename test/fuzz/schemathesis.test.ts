import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp, tokenOf } from '../api/support/test-app.ts';
import { recordAfter, UNTIL_GO_LIVE, UNTIL_MONITORING } from '../release/views/sample-record.ts';

const CACHE = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');

/** Where `.ci/run` installs it, else wherever it is. */
const PLACES = [join(CACHE, 'windlass', 'schemathesis', 'bin', 'schemathesis'), 'schemathesis'];

/** schemathesis is a program of its own, from PyPI. In CI nothing is skipped. */
function findSchemathesis(): string | undefined {
  const found = PLACES.find((place) => spawnSync(place, ['--version']).status === 0);
  if (found !== undefined) return found;
  const message =
    'schemathesis is not here: the API is NOT fuzzed by it (python3 -m venv ~/.cache/windlass/schemathesis, then its bin/pip install schemathesis).';
  if (process.env['CI']) throw new Error(message);
  console.warn(message);
  return undefined;
}

const program = findSchemathesis();

describe.skipIf(program === undefined)('schemathesis, from nothing but the description', () => {
  let world: TestApp;
  let url: string;
  let folder: string;
  const mistakes: unknown[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'windlass-schemathesis-'));
    world = await startTestApp({ limits: { requestsPerMinute: 1_000_000, signInsPerMinute: 1_000_000 } });
    world.deps.log = (_level, _message, data) => mistakes.push(data);
    url = await world.app.listen({ host: '127.0.0.1', port: 0 });
    world.installation.api.url = url;
    world.gateway.put(recordAfter(UNTIL_GO_LIVE));
    world.gateway.put(recordAfter(UNTIL_MONITORING, 'library'));
  });

  afterAll(async () => {
    await world?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('finds no answer that is our mistake, none that is not described, and no way in without a token', {
    timeout: 170_000,
  }, async () => {
    const checks = [
      'not_a_server_error',
      'status_code_conformance',
      'content_type_conformance',
      'response_schema_conformance',
      'ignored_auth',
    ];
    const { code, output } = await run([
      'run',
      `${url}/openapi.json`,
      ...['--url', url],
      ...['--header', `Authorization: Bearer ${tokenOf('rita')}`],
      ...['--checks', checks.join(',')],
      ...['--phases', 'examples,coverage,fuzzing'],
      ...['--max-examples', '10', '--max-time', '60', '--seed', '20261121'],
      '--generation-deterministic',
      ...['--request-timeout', '10', '--workers', '1'],
      // A stream does not end.
      ...['--exclude-path-regex', '/events$'],
      '--no-color',
    ]);
    expect(mistakes.slice(0, 3)).toEqual([]);
    expect([code, output]).toEqual([0, expect.stringContaining('passed')]);
    const [, selected, tested] = /Selected: (\d+)\/\d+\s+Tested: (\d+)/.exec(output) ?? [];
    expect(Number(tested)).toBeGreaterThan(30);
    expect(tested).toBe(selected);
  });

  function run(args: string[]): Promise<{ code: number; output: string }> {
    return new Promise((resolve) => {
      const options = { cwd: folder, maxBuffer: 64 * 1024 * 1024, timeout: 160_000 };
      execFile(program ?? '', args, options, (error, stdout, stderr) => {
        const code = error === null ? 0 : Number(error.code ?? 1);
        resolve({ code, output: `${stdout}\n${stderr}`.slice(-20_000) });
      });
    });
  }
});
