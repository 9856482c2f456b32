import closeWithGrace from 'close-with-grace';
import { reportError } from '../line/report-error.ts';

export interface Held {
  /** The command's name, for what is told of a failure. */
  command: string;
  /** Rejects when something that should run for good has failed. */
  failed: Promise<never>;
  /** Ends everything in order; called once. */
  stop(): Promise<void>;
  writeError(text: string): void;
  /** How long an orderly end may take, in milliseconds. */
  graceMs: number;
}

/**
 * Keeps the process running until it is told to end (Ctrl-C, SIGTERM) or something fails, and ends it in order: with
 * code 0 when it was asked to, 1 otherwise. A second signal ends it at once. Never comes back.
 */
export function holdUntilStopped({ command, failed, stop, writeError, graceMs }: Held): Promise<never> {
  let failure: unknown;
  const grace = closeWithGrace(
    {
      delay: graceMs,
      logger: false,
      onSecondSignal: (signal) => writeError(`second ${signal}: ending at once\n`),
      onTimeout: () => writeError(`not everything ended within ${graceMs / 1_000} s: ending anyway\n`),
    },
    async ({ signal, err }) => {
      failure ??= err;
      if (signal !== undefined) writeError(`${signal}: ending in order; once more ends at once\n`);
      if (failure !== undefined) reportError(failure, command, writeError);
      await stop();
      // close-with-grace ends with 1 when this rejects.
      if (failure !== undefined) throw failure;
    },
  );
  failed.catch((error: unknown) => {
    failure = error;
    void grace.close();
  });
  return new Promise<never>(() => undefined);
}
