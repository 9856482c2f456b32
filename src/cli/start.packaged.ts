/**
 * The first file of the built package, in one piece and CommonJS, which Node starts fastest: `plan` is in it, and
 * everything else is in the modules beside it.
 */
import { setFlagsFromString } from 'node:v8';
import { runPlan } from './plan.ts';
import { runMain } from './run-main.ts';

const [name, ...rest] = process.argv.slice(2);

if (name === 'plan') {
  // A history is read in less time than the costliest of V8's compilers needs to pay off; the others are left.
  setFlagsFromString('--no-opt');
  void runMain(name, async () => await runPlan(rest));
} else {
  void import('./main.ts');
}
