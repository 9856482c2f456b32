/** The command line's door: loads only the command that was asked for, so that a quick one starts quickly. */
import nodeModule from 'node:module';
import { runMain } from './run-main.ts';

// Node 22 and later keep what they compiled.
nodeModule.enableCompileCache?.();

const [name = '', ...rest] = process.argv.slice(2);

// Not the commands' table: `plan` must not wait for what it does not use.
if (name === 'plan') await runMain(name, async () => await (await import('./plan.ts')).runPlan(rest));
else await runMain(name, async () => await (await import('./line/dispatch.ts')).dispatch(name, rest));
