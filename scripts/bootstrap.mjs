/**
 * Makes `node_modules` complete. Runs on the Node that people have (20 or later) without any package, since it
 * is what installs the packages, among them the Node that everything else runs on.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, closeSync, constants, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { constants as osConstants } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folder of the checkout. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url));

const OLDEST_NODE = 20;
const PROGRESS_EVERY_MS = 5_000;

/** A mistake or outage that a person can do something about; printed without a stack trace. */
class SetUpProblem extends Error {}

/**
 * Installs the packages of `package-lock.json` when they are not all there.
 * @param {string} [root] folder of the checkout
 * @returns {Promise<{ node: string, environment: NodeJS.ProcessEnv }>} the Node to run everything with, and an
 *   environment in which `node` and the installed tools are found first.
 * @throws {SetUpProblem} with what to do.
 */
export async function bootstrap(root = ROOT) {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < OLDEST_NODE) {
    throw new SetUpProblem(
      `Node ${process.versions.node} is too old: ${OLDEST_NODE} or later is needed (https://nodejs.org).`,
    );
  }
  const node = join(root, 'node_modules', '.bin', 'node');
  const stamp = join(root, 'node_modules', '.windlass-ready');
  const lockText = readFileSync(join(root, 'package-lock.json'), 'utf8');
  const wanted = createHash('sha256').update(lockText).digest('hex');
  if (readText(stamp)?.trim() !== wanted || !isExecutable(node)) {
    if (!isInstalled(root, lockText, node)) await installPackages(root, node);
    writeFileSync(stamp, `${wanted}\n`);
  }
  const path = [join(root, 'node_modules', '.bin'), process.env.PATH ?? ''].join(delimiter);
  return { node, environment: { ...process.env, PATH: path } };
}

/**
 * Runs a program with our terminal, passes signals on, and waits for it.
 * @param {string} file
 * @param {string[]} args
 * @param {{ environment: NodeJS.ProcessEnv, cwd?: string }} options
 * @returns {Promise<number>} its exit code; 128 + n when signal n ended it
 */
export function runProgram(file, args, { environment, cwd = ROOT }) {
  return new Promise((resolve, reject) => {
    const forward = (signal) => child.kill(signal);
    // Ctrl-C at a terminal reaches the child too; passed on, it would count as the impatient second one.
    const onInterrupt = () => {
      if (!process.stdin.isTTY) forward('SIGINT');
    };
    // Before the program starts: a signal that comes as soon as it says its first word must not end us without it.
    process.on('SIGINT', onInterrupt).on('SIGTERM', forward).on('SIGHUP', forward);
    const child = spawn(file, args, { cwd, env: environment, stdio: 'inherit' });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      process.off('SIGINT', onInterrupt).off('SIGTERM', forward).off('SIGHUP', forward);
      resolve(code ?? 128 + (osConstants.signals[signal] ?? 0));
    });
  });
}

/**
 * Runs `main` and ends the process with the exit code that it returns; a set-up problem is printed plainly.
 * @param {() => Promise<number>} main
 */
export async function runMain(main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    console.error(error instanceof SetUpProblem ? `\n${error.message}` : error);
    process.exitCode = 1;
  }
}

/** Whether somebody has run `npm ci` already: npm's own note of what it installed agrees with the lock file. */
function isInstalled(root, lockText, node) {
  const installedText = readText(join(root, 'node_modules', '.package-lock.json'));
  if (installedText === undefined || !isExecutable(node)) return false;
  const wanted = JSON.parse(lockText).packages ?? {};
  const installed = JSON.parse(installedText).packages ?? {};
  const differs = Object.entries(installed).some(([path, entry]) => wanted[path]?.version !== entry.version);
  const lacks = Object.entries(wanted).some(
    ([path, entry]) =>
      path !== '' && !entry.optional && !entry.devOptional && !entry.peer && installed[path] === undefined,
  );
  return !differs && !lacks && spawnSync(node, ['--version']).status === 0;
}

async function installPackages(root, node) {
  const logFolder = join(root, '.windlass');
  const logFile = join(logFolder, 'npm-ci.log');
  mkdirSync(logFolder, { recursive: true });
  const startedAt = Date.now();
  const seconds = () => Math.round((Date.now() - startedAt) / 1000);
  console.log('Installing packages (npm ci): once, usually 1 to 2 minutes.');
  const ticker = setInterval(() => {
    console.log(`Installing packages: ${seconds()} s so far.`);
  }, PROGRESS_EVERY_MS);
  const code = await runNpmCi(root, logFile).finally(() => clearInterval(ticker));
  if (code !== 0) {
    const excerpt = excerptLog(readText(logFile) ?? '');
    throw new SetUpProblem(
      `npm ci failed (exit code ${code}). What it says (all of it: ${logFile}):\n${excerpt}\n\n` +
        'Nothing else was changed. Check the network and the registry that npm uses, then start again.',
    );
  }
  if (!isExecutable(node)) {
    throw new SetUpProblem(
      'The packages are installed, but not the Node binary among them: npm seems to be told to run no install scripts ' +
        '(ignore-scripts). Run "npm rebuild node --ignore-scripts=false" here, then start again.',
    );
  }
  console.log(`Installed the packages in ${seconds()} s.`);
}

/** npm says first what is wrong and then a page on how to use it: its first errors, or else its last lines. */
function excerptLog(text) {
  const lines = text.trim().split('\n');
  const errors = lines.filter((line) => /^npm (error|ERR!)/.test(line));
  return (errors.length > 0 ? errors.slice(0, 20) : lines.slice(-20)).join('\n');
}

function runNpmCi(root, logFile) {
  // Under `npm run` this names npm's own program, which need not be on the PATH.
  const npmProgram = process.env.npm_execpath;
  const isNpm = npmProgram !== undefined && /npm-cli\.c?js$/.test(npmProgram);
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--no-progress'];
  const log = openSync(logFile, 'w');
  return new Promise((resolve, reject) => {
    const child = isNpm
      ? spawn(process.execPath, [npmProgram, ...args], { cwd: root, stdio: ['ignore', log, log] })
      : spawn('npm', args, { cwd: root, stdio: ['ignore', log, log] });
    child.on('error', () =>
      reject(new SetUpProblem('There is no npm on the PATH. It comes with Node (https://nodejs.org).')),
    );
    child.on('close', (code) => resolve(code ?? 1));
  }).finally(() => closeSync(log));
}

function readText(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
