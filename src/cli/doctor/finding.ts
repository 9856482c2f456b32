/** The variables of the process that asks. */
export type Environment = Record<string, string | undefined>;

/** One finding. `problem` keeps Windlass from working; `missing` is an optional thing that is not there. */
export interface DoctorFinding {
  name: string;
  state: 'ok' | 'problem' | 'missing';
  /** What was found, as a sentence without its full stop. */
  found: string;
  /** What to do about it; absent where nothing is to be done. */
  advice?: string;
}
