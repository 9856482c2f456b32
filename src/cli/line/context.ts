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
    now: () => new Date(),
    wait: async (milliseconds) => await delay(milliseconds),
  };
}
