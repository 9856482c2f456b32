import { findNearest } from '../../config/mistakes/nearest.ts';
import { printable } from '../../release/plan/printable.ts';
import { misuse } from './cli-problem.ts';
import { COMMAND_GROUPS, type CommandEntry } from './command-table.ts';

/**
 * Runs the command `name` with what stands behind it.
 * @returns the exit code: 0 done, 1 failed, 2 wrong use
 */
export async function dispatch(name: string, argv: string[]): Promise<number> {
  if (name === '--help' || name === '-h' || (name === 'help' && argv.length === 0)) {
    process.stdout.write(renderHelp());
    return 0;
  }
  if (name === '--version' || name === '-V') {
    process.stdout.write(`${await readVersion()}\n`);
    return 0;
  }
  if (name === 'help') return await (await findCommand(argv[0] ?? '').load())(['--help']);
  if (name === '') {
    process.stderr.write(renderHelp());
    return 2;
  }
  return await (await findCommand(name).load())(argv);
}

function findCommand(name: string): CommandEntry {
  const commands = COMMAND_GROUPS.flatMap((group) => group.commands);
  const found = commands.find((command) => command.name === name);
  if (found) return found;
  const nearest = findNearest(
    name,
    commands.map((command) => command.name),
  );
  throw misuse(
    `there is no command "${printable(name.slice(0, 40))}".${nearest === undefined ? '' : ` Did you mean "${nearest}"?`}`,
    '"windlass --help" lists all commands.',
  );
}

/** Every command with one line, grouped by what people come for. */
export function renderHelp(): string {
  const groups = COMMAND_GROUPS.map(({ title, commands }) => {
    const lines = commands.map(({ name, usage, does }) => `  ${`${name} ${usage}`.padEnd(51)} ${does}`);
    return `${title}\n${lines.join('\n')}`;
  });
  return `Windlass: releases, rollbacks and hotfixes that never stop halfway

Usage: windlass COMMAND …          "windlass COMMAND --help" says more

${groups.join('\n\n')}

Exit codes: 0 done, 1 failed, 2 wrong use.
Environment: WINDLASS_API and WINDLASS_TOKEN (who you are, for the HTTP API), WINDLASS_CONFIG, TEMPORAL_ADDRESS, NO_COLOR.
`;
}

async function readVersion(): Promise<string> {
  const { readFile } = await import('node:fs/promises');
  const manifest = await readFile(new URL('../../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
