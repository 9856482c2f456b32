import { parseArgs } from 'node:util';
import { findNearest } from '../config/mistakes/nearest.ts';
import { printable } from '../release/plan/printable.ts';
import { misuse } from './cli-problem.ts';

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
}

export interface Arguments<Option extends string, Switch extends string, List extends string = never> {
  operands: string[];
  options: Partial<Record<Option, string>>;
  switches: Record<Switch, boolean>;
  /** What repeatable options were given, in order. */
  lists: Record<List, string[]>;
}

/**
 * Reads what stands behind a command; `help` when help is asked for.
 * @throws CliProblem with exit code 2 that names what is wrong and the nearest valid name.
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
  const wrong = (message: string) =>
    misuse(`${line.command}: ${message}`, `"windlass ${line.command} --help" says how it is used.`);
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
    const { name, rawName, value } = token;
    const shown = printable(rawName.slice(0, 60));
    if (optionNames.includes(name)) {
      if (value === undefined || value === '') throw wrong(`${shown} needs a value.`);
      // `--comment --role qa`: the value was forgotten, and the next option is not meant as one.
      if (!token.inlineValue && value.startsWith('--')) {
        throw wrong(`${shown} needs a value; to begin one with dashes, write ${shown}=${printable(value)}.`);
      }
      const list = found.lists[name];
      if (list) {
        list.push(value);
        continue;
      }
      if (found.options[name] !== undefined) throw wrong(`${shown} is given twice.`);
      found.options[name] = value;
    } else if (switchNames.includes(name)) {
      if (value !== undefined) throw wrong(`${shown} takes no value.`);
      found.switches[name] = true;
    } else {
      const nearest = findNearest(name, [...optionNames, ...switchNames]);
      throw wrong(
        `there is no option ${shown}.${nearest === undefined ? '' : ` Did you mean --${nearest}?`}`,
      );
    }
  }
  checkOperands(line, found.operands, wrong);
  return found as Arguments<Option, Switch, List>;
}

function checkOperands(
  { operands: wanted = [], optional, rest }: CommandLine<string, string, string>,
  given: string[],
  wrong: (message: string) => Error,
): void {
  const missing = wanted.slice(given.length);
  if (missing.length > 0)
    throw wrong(`${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} missing.`);
  if (rest) return;
  const most = wanted.length + (optional === undefined ? 0 : 1);
  const extra = given[most];
  if (extra !== undefined) throw wrong(`"${printable(extra.slice(0, 60))}" is one argument too many.`);
}
