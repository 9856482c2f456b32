/**
 * Failures that cross from activities to workflows. The type says what can be done about it, the details say it to
 * people: every failure tells what happened, what was changed and what was not, and what to do now.
 */
export type FailureType =
  /** A person must change something first (input, configuration, rights); repeating it changes nothing. */
  | 'Mistake'
  /** Somebody else changed the same thing. A person must see both sides. */
  | 'Conflict'
  /** It may or may not have happened, and reading again did not tell. A person must look. */
  | 'UnknownOutcome'
  /** A script of the product ended badly. */
  | 'ScriptFailed'
  /** A decision that a protected step needs is missing, forged, expired or about something else. */
  | 'NotAuthorized'
  /**
   * This worker's configuration stops the product. Nothing was begun, and it is asked again until the file is mended:
   * no person has to retry, and no deployment goes back for it.
   */
  | 'ConfigurationRefused'
  /** The other side is away or slow; it is tried again before people are asked. */
  | 'Unavailable';

/** Types that Temporal must not retry by itself. */
export const NON_RETRYABLE: FailureType[] = [
  'Mistake',
  'Conflict',
  'UnknownOutcome',
  'ScriptFailed',
  'NotAuthorized',
];

export interface FailureDetails {
  type: FailureType | 'Unexpected';
  what: string;
  changed: string;
  next: string;
  logTail?: string;
  /** Store digest of the whole log. */
  log?: string;
}
