/** What is found out before a release about whether it can end. Each role's worker looks by itself, with its own rights. */

/** What is looked at; the code of every finding. `worker`: whether a role has one at all. */
export const PREFLIGHT_LOOKS = [
  'worker',
  'secrets',
  'repository',
  'space',
  'clock',
  'pushes',
  'host',
  'registries',
  'scripts',
  'isolation',
  'metrics',
  'channels',
] as const;

export type PreflightLook = (typeof PREFLIGHT_LOOKS)[number];

/** One thing that was looked at. Nothing is changed by looking. */
export interface PreflightFinding {
  /** What was looked at, in a few words: `push to release/shop/v1.2.0`, `script scripts/deploy (staging deploy)`. */
  subject: string;
  /**
   * `problem`: the release cannot end as things are. `warning`: it can, but without something that is configured; or
   * this could not be found out now.
   */
  state: 'ok' | 'warning' | 'problem';
  /** What was found, as a sentence without its full stop. Free of secrets. */
  found: string;
  /** What to do about it; there for everything that is not `ok`. */
  advice?: string;
}

/** A finding with the look that it comes from, for programs. */
export interface CodedFinding extends PreflightFinding {
  code: PreflightLook;
}

/** What every role's worker can be asked. It names the product; what that needs, the worker's own configuration says. */
export interface PreflightActivities {
  preflight(input: PreflightInput): Promise<{ findings: CodedFinding[] }>;
}

export interface PreflightInput {
  product: string;
  /** What somebody else finds out: readiness asks the registries itself. */
  except?: readonly PreflightLook[];
}

/** What one process found; `workflow` is the one that asked the others. */
export interface PreflightReport {
  role: string;
  findings: CodedFinding[];
}

export interface PreflightResult {
  reports: PreflightReport[];
}
