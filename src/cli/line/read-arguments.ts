import { parseArgs } from 'node:util';
import { findNearest } from '../../config/mistakes/nearest.ts';
import { printable } from '../../release/plan/printable.ts';
import { misuseOf } from './cli-problem.ts';

export interface CommandLine<Option extends string, Switch extends string, List extends string = never> {
  /** As people write it, such as `schedule preview`. */
  command: string;
  /** Operands that must stand there, in order, and whether one more may follow. */
  operands?: string[];
  optional?: string;
  /** Whether any number of operands may follow the named ones. */
  rest?: boolean;
  /** Options with a value. */
  options?: readonly Option[];
  /** Options with a value that may be given several times. */
  repeatable?: readonly List[];
  /** Options without. */
  switches?: readonly Switch[];
  /** What stands below the mistakes of wrong use; how to get help, if not given. */
  hint?: string;
}

export interface Arguments<Option extends string, Switch extends string, List extends string = never> {
  operands: string[];
  options: Partial<Record<Option, string>>;
  switches: Record<Switch, boolean>;
  /** What repeatable options were given, in order. */
  lists: Record<List, string[]>;
}

/**
 * The one reader of command lines: what stands behind a command; `help` when help is asked for.
 * @throws CliProblem with exit code 2 that tells everything that is wrong, with the nearest valid name.
 */
export function readArguments<
  Option extends string = never,
  Switch extends string = never,
  List extends string = never,
>(line: CommandLine<Option, Switch, List>, argv: string[]): Arguments<Option, Switch, List> | 'help' {
  const listNames: readonly string[] = line.repeatable ?? [];
  const optionNames: readonly string[] = [...(line.options ?? []), ...listNames];
  const switchNames: readonly string[] = [...(line.switches ?? []), 'help'];
  const { tokens } = parseArgs({
    args: argv,
    strict: false,
    tokens: true,
    allowPositionals: true,
    options: Object.fromEntries([
      ...optionNames.map((name) => [name, { type: 'string' }] as const),
      ...switchNames.map(
        (name) => [name, { type: 'boolean', ...(name === 'help' ? { short: 'h' } : {}) }] as const,
      ),
    ]),
  });
  const mistakes: string[] = [];
  const found: Arguments<string, string, string> = {
    operands: [],
    options: {},
    switches: Object.fromEntries(switchNames.map((name) => [name, false])),
    lists: Object.fromEntries(listNames.map((name) => [name, []])),
  };
  if (tokens.some((token) => token.kind === 'option' && token.name === 'help')) return 'help';
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue;
    if (token.kind === 'positional') {
      found.operands.push(token.value);
      continue;
    }
    const { name, value } = token;
    const shown = printable(token.rawName.slice(0, 60));
    if (optionNames.includes(name)) {
      if (value === undefined || value === '') mistakes.push(`${shown} needs a value.`);
      // `--comment --role qa`: the value was forgotten, and the next option is not meant as one.
      else if (!token.inlineValue && value.startsWith('--'))
        mistakes.push(
          `${shown} needs a value; to begin one with dashes, write ${shown}=${printable(value)}.`,
        );
      else if (found.lists[name]) found.lists[name].push(value);
      else if (found.options[name] !== undefined) mistakes.push(`${shown} is given twice.`);
      else found.options[name] = value;
    } else if (switchNames.includes(name)) {
      if (value !== undefined) mistakes.push(`${shown} takes no value.`);
      found.switches[name] = true;
    } else {
      const nearest = findNearest(name, [...optionNames, ...switchNames]);
      mistakes.push(
        `there is no option ${shown}.${nearest === undefined ? '' : ` Did you mean --${nearest}?`}`,
      );
    }
  }
  mistakes.push(...checkOperands(line, found.operands));
  if (mistakes.length > 0) throw misuseOf(line.command, mistakes, line.hint);
  return found as Arguments<Option, Switch, List>;
}

function checkOperands(
  { operands: wanted = [], optional, rest }: CommandLine<string, string, string>,
  given: string[],
): string[] {
  const missing = wanted.slice(given.length);
  if (missing.length > 0) return [`${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} missing.`];
  if (rest) return [];
  const extra = given[wanted.length + (optional === undefined ? 0 : 1)];
  return extra === undefined ? [] : [`"${printable(extra.slice(0, 60))}" is one argument too many.`];
}
