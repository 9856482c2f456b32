import { vi } from 'vitest';

/** Ends a command when its arguments were read. */
class WasRead extends Error {}

/** Stands in for the one reader of command lines: reads as it does, and then lets nothing happen. */
export async function stopAfterReading(
  original: () => Promise<typeof import('../../src/cli/line/read-arguments.ts')>,
) {
  const { readArguments } = await original();
  return {
    readArguments: (...line: Parameters<typeof readArguments>) => {
      const { hint: _, ...plain } = line[0];
      readArguments(plain, line[1]);
      throw new WasRead('read');
    },
  };
}

/**
 * Reads a command line by the table of commands and each command's own reader.
 * @returns what is wrong with it, or null
 */
export async function findMistake(words: string[]): Promise<string | null> {
  const { dispatch } = await import('../../src/cli/line/dispatch.ts');
  const [name = '', ...rest] = words;
  const silent = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, 'write').mockReturnValue(true),
  );
  try {
    return (await dispatch(name, rest)) === 0 ? null : 'it was not read by readArguments';
  } catch (error) {
    return error instanceof WasRead ? null : (error as Error).message;
  } finally {
    for (const spy of silent) spy.mockRestore();
  }
}
