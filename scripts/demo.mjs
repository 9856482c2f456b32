/** `npm run demo`: does all its own set-up, then releases the example product for real. */
import { bootstrap, runMain, runProgram } from './bootstrap.mjs';

await runMain(async () => {
  const { node, environment } = await bootstrap();
  const args = ['--disable-warning=ExperimentalWarning', 'src/cli/main.ts', 'demo', ...process.argv.slice(2)];
  return runProgram(node, args, { environment });
});
