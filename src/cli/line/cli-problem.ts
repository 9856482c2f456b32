interface ProblemOptions {
  exitCode?: 1 | 2;
  hint?: string;
  cause?: unknown;
  command?: string;
}

/** Something that a person can set right. Shown as its message and its hint, without a stack trace. */
export class CliProblem extends Error {
  override name = 'CliProblem';
  /** 1: it was tried and failed. 2: the command was used wrongly, nothing was tried. */
  readonly exitCode: 1 | 2;
  /** What to do now. */
  readonly hint: string | undefined;
  /** The command that each line of the message is about, as people write it. */
  readonly command: string | undefined;

  constructor(message: string, options: ProblemOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.exitCode = options.exitCode ?? 1;
    this.hint = options.hint;
    this.command = options.command;
  }
}

/** Wrong use of a command: nothing was tried. */
export function misuse(message: string, hint?: string): CliProblem {
  return new CliProblem(message, { exitCode: 2, ...(hint === undefined ? {} : { hint }) });
}

/** Wrong use in one or more ways, all of them told at once, one a line. */
export function misuseOf(command: string, mistakes: readonly string[], hint?: string): CliProblem {
  return new CliProblem(mistakes.map((mistake) => mistake.replaceAll('\n', ' ')).join('\n'), {
    exitCode: 2,
    command,
    hint: hint ?? `"windlass ${command} --help" says how it is used.`,
  });
}
