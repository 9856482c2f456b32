import { setTimeout as delay } from 'node:timers/promises';
import { CliProblem } from '../../src/cli/line/cli-problem.ts';
import type { CliContext } from '../../src/cli/line/context.ts';
import { reportError } from '../../src/cli/line/report-error.ts';

export interface Said {
  code: number;
  out: string;
  err: string;
}

/** A context of a test's own: nothing of this process's environment, and short waits. */
export function makeContext(environment: NodeJS.ProcessEnv = {}, folder = '/nonexistent') {
  const said = { out: '', err: '' };
  const context: CliContext = {
    environment,
    folder,
    write: (text) => {
      said.out += text;
    },
    writeError: (text) => {
      said.err += text;
    },
    colour: false,
    now: () => new Date(),
    wait: async (milliseconds) => await delay(Math.min(milliseconds, 50)),
  };
  return { context, said };
}

/** Runs a command as `main.ts` does: a person's mistake becomes a message and an exit code; anything else fails. */
export async function say(
  run: (argv: string[], context: CliContext) => Promise<number>,
  argv: string[],
  environment: NodeJS.ProcessEnv = {},
  folder?: string,
): Promise<Said> {
  const { context, said } = makeContext(environment, folder);
  try {
    return { code: await run(argv, context), ...said };
  } catch (error) {
    if (!(error instanceof CliProblem) && (error as Error).name !== 'TemporalProblem') throw error;
    const code = reportError(error, 'test', context.writeError);
    return { code, ...said };
  }
}
