/**
 * What was found out about one thing. `holds`: it was looked at and is right. `broken`: it is not. `unknown`: it could
 * not be looked at, or is not there yet. `none`: there is nothing to look at, and nothing needs to be.
 */
export interface Finding {
  /** `commit`, `build`, `gate tests`, … */
  about: string;
  state: 'holds' | 'broken' | 'unknown' | 'none';
  /** A sentence. */
  says: string;
}
