/** The command line's door: loads only the command that was asked for, so that a quick one starts quickly. */
import { enableCompileCache } from 'node:module';

enableCompileCache();

/** A reader that closes the pipe early (`windlass status | head`) has seen enough: no mistake of anybody's. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

const [name = '', ...rest] = process.argv.slice(2);

// Not the command's table: `plan` must not wait for what it does not use.
const run = name === 'plan' ? (await import('./plan.ts')).runPlan : undefined;

try {
  process.exitCode = run ? await run(rest) : await (await import('./dispatch.ts')).dispatch(name, rest);
} catch (error) {
  process.exitCode = (await import('./report-error.ts')).reportError(error, name);
}
