/** Where the plan after `init` is another than the one that the tool of before would make, and why. */
export interface Difference {
  /** What is looked at, in a few words. */
  subject: string;
  /** What the tool of before does of it, as a part of a sentence. */
  theirs: string;
  ours: string;
}

/** A commit of no convention, for tools that pass over it. */
export function passesOver(tool: string): Difference {
  return {
    subject: 'a commit that follows no convention',
    theirs: `${tool} passes over it`,
    ours: 'Windlass makes a patch of it, with a warning',
  };
}

/** The version of a product that was never released. */
export function beginsWith(tool: string, version: string): Difference {
  return {
    subject: 'the first release',
    theirs: `${tool} begins with ${version}`,
    ours: 'Windlass with 0.1.0 unless --version says another',
  };
}

/** A feature below 1.0.0, for tools that move everything one step lower there. */
export function movesPatch(tool: string): Difference {
  return {
    subject: 'a feature below 1.0.0',
    theirs: `${tool} moves the patch`,
    ours: 'Windlass the minor version',
  };
}

/** The version itself, where the tool has no rule for it. */
export function isTold(theirs: string): Difference {
  return { subject: 'the version', theirs, ours: 'Windlass infers it from the commits' };
}

/** A line for people. */
export function tellDifference({ subject, theirs, ours }: Difference): string {
  return `${subject}: ${theirs}, ${ours}`;
}
