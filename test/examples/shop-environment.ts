/** A real environment of the example product for the tests: its supervisor, and its scripts as Windlass runs them. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { Agent, request as sendRequest } from 'node:http';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { NODE, NODE_FOLDER, SHOP, type ShopPackage } from './shop-packages.ts';

/** How a script ended. */
export interface ScriptResult {
  code: number;
  log: string;
  // biome-ignore lint/suspicious/noExplicitAny: each script has an answer of its own
  output: any;
}

export type ShopEnvironment = Awaited<ReturnType<typeof startEnvironment>>;

export interface EnvironmentOptions {
  temporary: string;
  environment?: string;
  instances?: number;
  variables?: Record<string, string>;
}

/** Starts an environment on free ports, in a folder of its own. */
export async function startEnvironment({
  temporary,
  environment = 'staging',
  instances = 2,
  variables = {},
}: EnvironmentOptions) {
  const root = mkdtempSync(path.join(temporary, 'environment-'));
  let effects = 0;
  let publicPort = 0;
  let controlPort = 0;
  let supervisor: ChildProcess | undefined;

  async function start(): Promise<void> {
    const args = ['--root', root, '--environment', environment, '--instances', String(instances)];
    args.push('--port', String(controlPort), '--public-port', String(publicPort));
    const child = spawn(
      NODE,
      ['--disable-warning=ExperimentalWarning', `${SHOP}ops/supervisor.js`, ...args],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { PATH: process.env['PATH'], ...variables },
      },
    );
    supervisor = child;
    const [line] = await once(createInterface({ input: child.stdout }), 'line');
    const ready = JSON.parse(line);
    controlPort = ready.control;
    publicPort = ready.public;
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    const child = supervisor;
    supervisor = undefined;
    if (!child || child.exitCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }

  /** Runs a script with facts; an effect key and generation 1 are given where none are named. */
  async function run(script: string, facts: Record<string, string | number> = {}): Promise<ScriptResult> {
    effects += 1;
    return runShopScript(temporary, script, {
      SHOP_SUPERVISOR: `http://127.0.0.1:${controlPort}`,
      WINDLASS_EFFECT_KEY: `test/${script.replaceAll(' ', '-')}/${effects}`,
      WINDLASS_GENERATION: 1,
      ...facts,
    });
  }

  async function succeed(script: string, facts: Record<string, string | number> = {}) {
    const result = await run(script, facts);
    if (result.code !== 0) throw new Error(`${script} failed:\n${result.log}`);
    return result.output;
  }

  const status = () => succeed('status', { WINDLASS_EFFECT_KEY: '' });

  await start();
  return {
    root,
    start,
    run,
    succeed,
    status,
    get url() {
      return `http://127.0.0.1:${publicPort}`;
    },
    get control() {
      return `http://127.0.0.1:${controlPort}`;
    },
    stop: () => end('SIGTERM'),
    killHard: () => end('SIGKILL'),

    /** Deploys a version to a slot, migrates, and gives it all traffic. */
    async release(shop: ShopPackage, slot: string): Promise<void> {
      await succeed('deploy', { ...factsOf(shop), WINDLASS_SLOT: slot });
      await succeed('migrate', factsOf(shop));
      await succeed('traffic', { WINDLASS_SLOT: slot, WINDLASS_TRAFFIC_PERCENT: 100 });
    },

    /** The processes of all instances. */
    async pids(): Promise<number[]> {
      const { slots } = await status();
      return [...slots.blue.instances, ...slots.green.instances].map(({ pid }) => pid);
    },
  };
}

/** What a script is told about a release. */
export function factsOf({ version, artifact, digest }: ShopPackage): Record<string, string> {
  return { WINDLASS_VERSION: version, WINDLASS_ARTIFACT: artifact, WINDLASS_ARTIFACT_DIGEST: digest };
}

/** Runs one of the shop's scripts (arguments after a blank) with nothing but these facts in its environment. */
export function runShopScript(
  temporary: string,
  script: string,
  facts: Record<string, string | number>,
): Promise<ScriptResult> {
  const outputFile = path.join(mkdtempSync(path.join(temporary, 'script-')), 'output.json');
  const env: Record<string, string> = {
    PATH: `${NODE_FOLDER}:${process.env['PATH']}`,
    HOME: temporary,
    TMPDIR: temporary,
    WINDLASS_OUTPUT: outputFile,
  };
  for (const [name, value] of Object.entries(facts)) env[name] = String(value);
  return new Promise((resolve) => {
    const [name = '', ...args] = script.split(' ');
    const child = execFile(path.join(SHOP, 'ops', name), args, { cwd: SHOP, env }, (_error, stdout, stderr) =>
      resolve({
        code: child.exitCode ?? -1,
        log: stdout + stderr,
        output: existsSync(outputFile) ? JSON.parse(readFileSync(outputFile, 'utf8')) : undefined,
      }),
    );
  });
}

/** Waits until something is so; the test's own time limit ends a wait in vain. */
export async function waitUntil(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 50));
}

/** Whether a process runs. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

export interface Traffic {
  /** Requests by the version that answered them. */
  versions: Record<string, number>;
  requests: number;
  failures: string[];
}

/**
 * Sends customers' requests (reading, and opening carts) without pause until stopped.
 *
 * @returns `stop` waits for the requests under way and says what happened; `sent` is their number so far
 */
export function startTraffic(url: string, customers = 6) {
  const agent = new Agent({ keepAlive: true });
  const traffic: Traffic = { versions: {}, requests: 0, failures: [] };
  let running = true;
  const customer = async (index: number) => {
    for (let turn = index; running; turn += 1)
      await sendOne(agent, url, traffic, turn % 4 === 0 ? ['POST', '/carts'] : ['GET', '/products/bell']);
  };
  const all = Array.from({ length: customers }, (_, index) => customer(index));
  return {
    sent: () => traffic.requests,
    async stop(): Promise<Traffic> {
      running = false;
      await Promise.all(all);
      agent.destroy();
      return traffic;
    },
  };
}

/** Sends so many requests one after the other. */
export async function sendRequests(
  url: string,
  count: number,
  what = ['GET', '/products/bell'],
): Promise<Traffic> {
  const agent = new Agent({ keepAlive: true });
  const traffic: Traffic = { versions: {}, requests: 0, failures: [] };
  for (let sent = 0; sent < count; sent += 1) await sendOne(agent, url, traffic, what);
  agent.destroy();
  return traffic;
}

function sendOne(agent: Agent, url: string, traffic: Traffic, [method, target]: string[]): Promise<void> {
  return new Promise((resolve) => {
    const finish = (failure?: string) => {
      traffic.requests += 1;
      if (failure) traffic.failures.push(failure);
      resolve();
    };
    const request = sendRequest(
      new URL(target ?? '/', url),
      { agent, method: method ?? 'GET' },
      (response) => {
        const version = String(response.headers['x-shop-version'] ?? 'none');
        traffic.versions[version] = (traffic.versions[version] ?? 0) + 1;
        response.resume();
        response.on('end', () => {
          const status = response.statusCode ?? 0;
          finish(status < 400 ? undefined : `${method} ${target} -> ${status} by ${version}`);
        });
        response.on('error', (error) => finish(`${method} ${target} was cut off: ${error.message}`));
      },
    );
    request.on('error', (error) => finish(`${method} ${target}: ${error.message}`));
    request.end();
  });
}
