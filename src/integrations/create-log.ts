import { pino, stdTimeFunctions } from 'pino';

/** Tells one thing; `data` stands beside the message, and is not part of its text. */
export type Log = (level: 'info' | 'warn' | 'error', message: string, data?: Record<string, unknown>) => void;

/** A log of lines of JSON: `time` (ISO 8601), `level`, `message`, and what goes with it. */
export function createLog(write: (line: string) => void): Log {
  const logger = pino(
    {
      base: null,
      messageKey: 'message',
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
    },
    { write },
  );
  return (level, message, data = {}) => logger[level](data, message);
}
