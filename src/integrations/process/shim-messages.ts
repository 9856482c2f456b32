/** What the worker and the shim of one script say to each other over their channel. JSON. */
export type ToShim =
  | {
      type: 'start';
      /** Absolute path of the script, then its arguments. */
      command: [string, ...string[]];
      cwd: string;
      environment: Record<string, string>;
      timeoutMs: number;
      /** Between TERM and KILL. */
      graceMs: number;
      /** Where the shim makes the script's own temporary folder. */
      temporaryRoot: string;
    }
  | { type: 'cancel' };

export type FromShim =
  | { type: 'started'; group: number; folder: string }
  | { type: 'not-started'; code: string; message: string }
  | {
      type: 'ended';
      exitCode: number | null;
      signal: string | null;
      endedBy: 'exit' | 'signal' | 'timeout' | 'cancellation';
      outputFile: string;
    };
