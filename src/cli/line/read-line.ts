import type { CliContext } from './context.ts';
import { type Arguments, type CommandLine, readArguments } from './read-arguments.ts';

/**
 * What stands behind a command, as `readArguments` reads it; where help is asked for, it is told and there is nothing
 * more to do: `undefined`.
 * @throws CliProblem as `readArguments`
 */
export function readLine<
  Option extends string = never,
  Switch extends string = never,
  List extends string = never,
>(
  argv: string[],
  context: Pick<CliContext, 'write'>,
  help: string,
  line: CommandLine<Option, Switch, List>,
): Arguments<Option, Switch, List> | undefined {
  const read = readArguments(line, argv);
  if (read !== 'help') return read;
  context.write(help);
  return undefined;
}
