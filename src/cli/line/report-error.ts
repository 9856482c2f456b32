import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { printable } from '../../release/plan/printable.ts';
import type { CliProblem } from './cli-problem.ts';

/** Errors of other folders whose messages are whole sentences for people, by name: importing them costs time. */
const FOR_PEOPLE = ['TemporalProblem', 'SecretUnavailable', 'StoreMissing', 'StoreCorrupt', 'HistoryError'];

/**
 * Tells an error that reached the top. A person's mistake is a sentence and a hint; anything else is a short message,
 * and where the details were written.
 * @returns the exit code
 */
export function reportError(
  error: unknown,
  command: string,
  writeError: (text: string) => void = (text) => void process.stderr.write(text),
): number {
  if (isCliProblem(error)) {
    const lines = error.command === undefined ? [error.message] : error.message.split('\n');
    const who = error.command === undefined ? 'windlass' : `windlass ${error.command}`;
    for (const line of lines) writeError(`${who}: ${printable(line)}\n`);
    if (error.hint !== undefined) writeError(`${printable(error.hint)}\n`);
    return error.exitCode;
  }
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof Error && FOR_PEOPLE.includes(error.name)) {
    writeError(`windlass: ${printable(message)}\n`);
    return 1;
  }
  const [first = ''] = printable(message).split('\n');
  writeError(
    `windlass: something unexpected went wrong in "${printable(command.slice(0, 40))}": ${first.slice(0, 300)}\n`,
  );
  writeError(`${keepDetails(error)}\n`);
  return 1;
}

/** By its fields: the package's first file has a class of its own, beside that of its modules. */
function isCliProblem(error: unknown): error is CliProblem {
  return error instanceof Error && 'exitCode' in error && 'hint' in error;
}

/** The details go into a file of one's own, since they may show more than a shared screen or log should. */
function keepDetails(error: unknown): string {
  try {
    const file = join(mkdtempSync(join(tmpdir(), 'windlass-error-')), 'details.txt');
    writeFileSync(file, `${inspect(error, { depth: 6 })}\n`, { mode: 0o600, flag: 'wx' });
    return `This is a fault of Windlass, not of yours. The details are in ${file}: please report them.`;
  } catch {
    return 'This is a fault of Windlass, not of yours. The details could not be written to a file.';
  }
}
