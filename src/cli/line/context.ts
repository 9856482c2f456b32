import { createInterface } from 'node:readline/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { currentEnvironment, readEnvironment } from '../../config/environment.ts';

/** What a command touches of the world; tests bring their own. */
export interface CliContext {
  environment: NodeJS.ProcessEnv;
  folder: string;
  write(text: string): void;
  writeError(text: string): void;
  /** Whether colours are welcome: at a terminal, unless `NO_COLOR` is set. */
  colour: boolean;
  /** Asks whoever sits at the terminal; absent where nobody does. An empty answer gives the fallback. */
  ask?(question: string, fallback: string): Promise<string>;
  now(): Date;
  wait(milliseconds: number): Promise<void>;
}

/** This process's own. */
export function processContext(): CliContext {
  const environment = currentEnvironment();
  return {
    environment,
    folder: process.cwd(),
    write: (text) => void process.stdout.write(text),
    writeError: (text) => void process.stderr.write(text),
    colour: process.stdout.isTTY === true && !readEnvironment(environment).noColor,
    ...(process.stdout.isTTY === true && process.stdin.isTTY === true ? { ask: askAtTerminal } : {}),
    now: () => new Date(),
    wait: async (milliseconds) => await delay(milliseconds),
  };
}

async function askAtTerminal(question: string, fallback: string): Promise<string> {
  const reader = createInterface({ input: process.stdin, output: process.stdout });
  try {
    // Ctrl-C means the whole command, which a reader of lines would keep to itself.
    reader.once('SIGINT', () => {
      reader.close();
      process.kill(process.pid, 'SIGINT');
    });
    // Ctrl-D closes it without an answer.
    const closed = new Promise<string>((resolve) => reader.once('close', () => resolve('')));
    return (await Promise.race([reader.question(`${question} [${fallback}] `), closed])).trim() || fallback;
  } finally {
    reader.close();
  }
}
