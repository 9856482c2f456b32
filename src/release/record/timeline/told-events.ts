/**
 * What is told of a release and changes nothing of it but the timeline: each event with its fields, and the sentence
 * that people read of it. One that children report has a reader in `contracts/inbound/read-report.ts` too.
 */

export type ToldEvent = { at: string } & (
  | { event: 'went_live'; environment: string; version: string }
  | { event: 'goes_back'; environment: string; from: string; to: string; by: string }
  /** A channel that could not be told, and why in each of its ways. */
  | { event: 'not_told'; channel: string; why: string[] }
);

/** What people read of an event, and who did it where somebody did. */
export interface Sentence {
  what: string;
  by?: string;
}

type Name = ToldEvent['event'];

/** The sentence of each. */
const TOLD: { [N in Name]: (event: Omit<Extract<ToldEvent, { event: N }>, 'at'>) => Sentence } = {
  went_live: ({ environment, version }) => ({ what: `live: ${environment} answers with ${version}` }),
  goes_back: ({ environment, from, to, by }) => ({
    what: `rolling ${environment} back from ${from} to ${to}`,
    by,
  }),
  not_told: ({ channel, why }) => ({ what: `could not tell ${channel}: ${why.join('; ')}` }),
};

/** Whether an event is one of these. */
export function isTold(event: { event: string }): event is { event: Name } {
  return Object.hasOwn(TOLD, event.event);
}

/** The sentence of such an event; `undefined` for every other. */
export function describeTold(event: { event: string }): Sentence | undefined {
  return isTold(event) ? TOLD[event.event](event as never) : undefined;
}
