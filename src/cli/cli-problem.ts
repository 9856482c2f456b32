/** Something that a person can set right. Shown as its message and its hint, without a stack trace. */
export class CliProblem extends Error {
  override name = 'CliProblem';
  /** 1: it was tried and failed. 2: the command was used wrongly, nothing was tried. */
  readonly exitCode: 1 | 2;
  /** What to do now. */
  readonly hint: string | undefined;

  constructor(message: string, options: { exitCode?: 1 | 2; hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.exitCode = options.exitCode ?? 1;
    this.hint = options.hint;
  }
}

/** Wrong use of a command: nothing was tried. */
export function misuse(message: string, hint?: string): CliProblem {
  return new CliProblem(message, { exitCode: 2, ...(hint === undefined ? {} : { hint }) });
}
