import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { currentEnvironment, readEnvironment } from '../config/environment.ts';
import { approveAsPeople, askAtTerminal } from '../demo/approvers.ts';
import { createPrinter } from '../demo/print.ts';
import { runDemoRelease } from '../demo/run-demo.ts';
import { startDemoEnvironment } from '../demo/start-demo-environment.ts';
import { DEMO_WINDOW } from '../demo/write-config.ts';
import { readArguments } from './line/read-arguments.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

const HELP = `Usage: npm run demo [-- OPTIONS]      or: windlass demo [OPTIONS]

Releases the example product for real: a local Temporal server with its Web UI, every role's worker, the HTTP API, a
local npm registry and two environments, all on this machine and under .windlass/demo.

  --bad        release a version that breaks in production, and see it rolled back
  --yes        approve as the demo's own people, also at a terminal
  --exit       end after the release, also at a terminal
  --folder DIR where the demo's world lies (default: .windlass/demo in this checkout)
  -h, --help   this text

At a terminal it asks for each approval and stays up until Ctrl-C. A demo that was killed in the middle of its release
goes on where it stopped when it is started again.
`;

/** `windlass demo`. Exit code 0 when the world is as the release said it would be. */
export async function runDemo(argv: string[]): Promise<number> {
  const read = readArguments(
    { command: 'demo', options: ['folder'], switches: ['bad', 'yes', 'exit'] },
    argv,
  );
  if (read === 'help') {
    process.stdout.write(HELP);
    return 0;
  }
  const { options, switches } = read;
  const environment = currentEnvironment();
  const atTerminal = process.stdout.isTTY === true && process.stdin.isTTY === true;
  const colour = process.stdout.isTTY === true && !readEnvironment(environment).noColor;
  const print = createPrinter((text) => process.stdout.write(text), colour);
  const ending = new AbortController();
  const end = () => ending.abort(new Error('ended by Ctrl-C'));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, end);

  const demo = await startDemoEnvironment({
    projectRoot: PROJECT,
    root: resolve(options.folder ?? join(PROJECT, '.windlass', switches.bad ? 'demo-bad' : 'demo')),
    bad: switches.bad,
    environment,
    onProgress: (message) => print.line(`… ${message}`),
    signal: ending.signal,
  });
  try {
    print.line('');
    print.line(`Temporal Web UI: ${demo.webUiUrl}`);
    print.line(`Windlass page and API: ${demo.apiUrl}`);
    print.line(
      `The monitoring window is shortened to ${DEMO_WINDOW.window} by configuration; a minor release's own is an hour.`,
    );
    print.line('');
    const asExpected = await runDemoRelease({
      world: demo.world,
      apiUrl: demo.apiUrl,
      webUiUrl: demo.webUiUrl,
      approver: atTerminal && !switches.yes ? askAtTerminal(print, demo.apiUrl) : approveAsPeople(print),
      print,
      signal: ending.signal,
    });
    if (atTerminal && !switches.exit) {
      print.line('Everything stays up for you to look at. Ctrl-C ends it and leaves no process behind.');
      await new Promise((resolve) => ending.signal.addEventListener('abort', resolve, { once: true }));
    }
    return asExpected ? 0 : 1;
  } catch (error) {
    if (!ending.signal.aborted) throw error;
    print.line('\nEnded. Start the demo again and its release goes on where it stopped.');
    return 130;
  } finally {
    await demo.stop();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, end);
  }
}
