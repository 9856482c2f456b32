/**
 * A mistake or an outage that a person can do something about: its message is a whole sentence that names the
 * address or file and says what to do. Shown without a stack trace.
 */
export class TemporalProblem extends Error {
  override name = 'TemporalProblem';
}
