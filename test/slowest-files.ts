import { relative } from 'node:path';
import type { Reporter, TestModule } from 'vitest/node';

const SHOWN = 10;

/** Ends a run with its slowest files: where to begin when it takes too long. */
export class SlowestFiles implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const files = modules
      .map((file) => {
        const { collectDuration, duration } = file.diagnostic();
        return { name: relative(process.cwd(), file.moduleId), ms: collectDuration + duration };
      })
      .sort((one, other) => other.ms - one.ms)
      .slice(0, SHOWN);
    if (files.length < 2) return;
    console.log(`\nSlowest files (with their imports and hooks):`);
    for (const { name, ms } of files) console.log(`${(ms / 1_000).toFixed(1).padStart(7)} s  ${name}`);
  }
}
