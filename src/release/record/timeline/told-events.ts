/**
 * What is told of a release and changes nothing of it but the timeline. One table has each event: its fields, how they
 * are read where a child reports it, and the sentence that people read of it. Types and readers follow from it.
 */

import { ENVIRONMENT_SCRIPT_NAMES } from '../../settings.ts';
import {
  type Fields,
  fields,
  list,
  name,
  number,
  oneOf,
  optional,
  type Read,
  type Shape,
  text,
} from '../read-fields.ts';
import { nameBytes } from './name-bytes.ts';

/** What people read of an event, and who did it where somebody did. */
export interface Sentence {
  what: string;
  by?: string;
}

type Tell<S extends Shape> = (event: Fields<S>) => string | Sentence;

/** What the run itself tells. */
const own = <S extends Shape>(shape: S, tell: Tell<S>) => ({ shape, tell, reported: false }) as const;
/** What a child may report too. */
const reported = <S extends Shape>(shape: S, tell: Tell<S>) => ({ shape, tell, reported: true }) as const;

const environment = name(100);
const short = text(300);
const sentence = text(4_000);
const texts = list(sentence, 1_000);

const PRUNING = { versions: texts, builds: number(), bytes: number(), policy: sentence };

const TOLD = {
  went_live: reported(
    { environment, version: short },
    (event) => `live: ${event.environment} answers with ${event.version}`,
  ),
  goes_back: reported(
    { environment, from: short, to: short, by: short },
    ({ environment, from, to, by }) => ({
      what: `rolling ${environment} back from ${from} to ${to}`,
      by,
    }),
  ),
  /** A channel that could not be told, and why in each of its ways. */
  not_told: own(
    { channel: short, why: texts },
    ({ channel, why }) => `could not tell ${channel}: ${why.join('; ')}`,
  ),
  /** A worker died while it told them. */
  perhaps_told_twice: own(
    { channel: short, ways: texts },
    ({ channel, ways }) =>
      `${channel} may have been told twice by ${ways.join(', ')}: a worker died meanwhile`,
  ),
  not_archived: own({ why: sentence }, ({ why }) => `the record is not in the archive: ${why}`),
  /** A published version that is replaced cannot be published again; `remains`: what of it stays public. */
  version_used_up: own(
    { version: optional(short), remains: texts },
    ({ version, remains }) =>
      `${version} is used up; what remains public: ${remains.join('; ') || 'nothing'}`,
  ),
  /** One that expired before the step that it protects. */
  approval_expired_unused: own({}, () => 'an approval has expired before it was used: it is asked for again'),
  approvals_not_looked_at: own({ why: sentence }, ({ why }) => `approvals could not be looked at: ${why}`),
  approvals_asked_again: own({ why: sentence }, ({ why }) => `approvals are asked for again: ${why}`),
  texts_edited: own({ by: short }, ({ by }) => `${by} edited the texts: they are to be approved anew`),
  /** While a change of the environment waited for it. */
  calendar_changed: reported({ environment }, (event) => `the calendar of ${event.environment} was changed`),
  /** A rollback leaves alone what does not run the bad version. */
  left_as_it_is: own(
    { environment, version: short },
    (event) => `${event.environment} runs ${event.version}: it is left as it is`,
  ),
  /** A rollback of its own takes this run's version back: it ends when that has. */
  is_taken_back: own(
    { version: short, by: short, reason: sentence },
    ({ version, by, reason }) => `${by} takes ${version} back: ${reason}`,
  ),
  asked_to_make_room: own(
    { workflowId: short },
    ({ workflowId }) => `the release in flight (${workflowId}) was asked to make room`,
  ),
  none_in_flight: own({}, () => 'no release is in flight'),
  /** A hotfix asked for room after production was done with. */
  room_not_needed: own(
    { hotfix: short },
    ({ hotfix }) => `${hotfix} asked for room: production is done with already`,
  ),
  /** A scheduled start that found this release in flight. */
  schedule_skipped: own(
    { when: short },
    ({ when }) => `the release that was scheduled for ${when} did not start: this one is in flight`,
  ),
  /** A part of going back, by the script that does it. */
  rollback_step_done: reported(
    { environment, script: oneOf(ENVIRONMENT_SCRIPT_NAMES), title: short },
    ({ title }) => title,
  ),
  rollback_step_failed: reported(
    { environment, title: short, why: sentence },
    ({ title, why }) => `the rollback itself failed: ${title}: ${why}`,
  ),
  rollback_did_not_help: reported(
    { product: name(100), environment, why: sentence },
    ({ product, why }) =>
      `going back did not help: ${why}. Proposed: windlass hotfix ${product} --commit SHA`,
  ),
  /** The environment's history lacks that it runs this version. */
  history_not_kept: reported(
    { environment, version: short, why: sentence },
    (event) => `the history of ${event.environment} lacks that it runs ${event.version}: ${event.why}`,
  ),
  /** A deployment refused what somebody asked of it. */
  deployment_refused: reported(
    { command: short, by: short, reason: sentence },
    ({ command, by, reason }) => `refused ${command} by ${by}: ${reason}`,
  ),
  deployment_held: reported({ environment }, (event) => `the deployment to ${event.environment} is held`),
  issue_not_opened: reported({ why: sentence }, ({ why }) => `the issue could not be opened: ${why}`),
  not_shown_on_host: reported(
    { environment, version: short, state: text(50), why: sentence },
    (event) =>
      `the host does not show that ${event.version} is ${event.state} in ${event.environment}: ${event.why}`,
  ),
  /** The host was away for so long that it may not show how it ended. */
  perhaps_not_shown_on_host: reported(
    { environment, version: short },
    (event) => `the host is away: it may not show how ${event.version} ended in ${event.environment}`,
  ),
  monitoring_restarted: reported(
    { why: sentence },
    ({ why }) => `monitoring ended from outside and starts again: ${why}`,
  ),
  /** By the store's retention. `bytes`: of all of them. `builds`: how many that were never released. */
  store_pruned: own(PRUNING, (event) => describePruning(event)),
  store_not_pruned: own({ why: sentence }, ({ why }) => `old bytes were not removed from the store: ${why}`),
};

type Name = keyof typeof TOLD;
type EventOf<N extends Name> = Parameters<(typeof TOLD)[N]['tell']>[0];
type ReportedName = { [N in Name]: (typeof TOLD)[N]['reported'] extends true ? N : never }[Name];

export type ToldEvent = { [N in Name]: { at: string; event: N } & EventOf<N> }[Name];

/** How each that a child may report is read. */
export const READ_TOLD = Object.fromEntries(
  Object.entries(TOLD).flatMap(([event, { shape, reported }]) => (reported ? [[event, fields(shape)]] : [])),
) as { [N in ReportedName]: Read<EventOf<N>> };

function describePruning({ versions, builds, bytes, policy }: Fields<typeof PRUNING>): string {
  const named = versions.length > 10 ? [...versions.slice(0, 10), `${versions.length - 10} more`] : versions;
  const things = [
    ...(named.length === 0 ? [] : [named.join(', ')]),
    ...(builds === 0 ? [] : [`${builds} ${builds === 1 ? 'build' : 'builds'} that nobody released`]),
  ];
  return `removed the bytes of ${things.join(' and ')} from the store (${nameBytes(bytes)}): ${policy}`;
}

/** Whether an event is one of these. */
export function isTold(event: { event: string }): event is { event: Name } {
  return Object.hasOwn(TOLD, event.event);
}

/** The sentence of such an event; `undefined` for every other. */
export function describeTold(event: { event: string }): Sentence | undefined {
  if (!isTold(event)) return undefined;
  const told: string | Sentence = TOLD[event.event].tell(event as never);
  return typeof told === 'string' ? { what: told } : told;
}
