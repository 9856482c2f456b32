/** The command line's door: loads only the command that was asked for, so that a quick one starts quickly. */
import { enableCompileCache } from 'node:module';

enableCompileCache();

const [command = '', ...rest] = process.argv.slice(2);

switch (command) {
  case 'plan':
    process.exitCode = await (await import('./plan.ts')).runPlan(rest);
    break;
  default:
    process.stderr.write(
      `windlass: unknown command "${command.slice(0, 40)}". Try "windlass plan --help".\n`,
    );
    process.exitCode = 2;
}
