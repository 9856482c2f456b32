/**
 * Runs one command to its end: sets the process's exit code, and tells a failure in the words of people.
 *
 * @param name the command, for what is told of a failure
 */
export async function runMain(name: string, run: () => Promise<number>): Promise<void> {
  // A reader that closes the pipe early (`windlass status | head`) has seen enough: no mistake of anybody's.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  try {
    process.exitCode = await run();
  } catch (error) {
    process.exitCode = (await import('./line/report-error.ts')).reportError(error, name);
  }
}
