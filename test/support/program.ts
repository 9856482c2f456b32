/** The command line as people run it: that of this checkout, or the one of a package that a test has installed. */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Path of the program; `WINDLASS_TEST_PROGRAM` names an installed one. */
export const PROGRAM =
  process.env['WINDLASS_TEST_PROGRAM'] ?? fileURLToPath(new URL('../../bin/windlass', import.meta.url));

/** A `PATH` on which the Node that the program should run with comes first; `WINDLASS_TEST_NODE` names another. */
export function programPath(): string {
  return `${dirname(process.env['WINDLASS_TEST_NODE'] ?? process.execPath)}:${process.env['PATH']}`;
}
