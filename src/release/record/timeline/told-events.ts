/**
 * What is told of a release and changes nothing of it but the timeline: each event with its fields, and the sentence
 * that people read of it. One that children report has a reader in `contracts/inbound/read-report.ts` too.
 */
import type { EnvironmentScriptName } from '../../settings.ts';

import { nameBytes } from './name-bytes.ts';

export type ToldEvent = { at: string } & (
  | { event: 'went_live'; environment: string; version: string }
  | { event: 'goes_back'; environment: string; from: string; to: string; by: string }
  /** A channel that could not be told, and why in each of its ways. */
  | { event: 'not_told'; channel: string; why: string[] }
  /** A worker died while it told them. */
  | { event: 'perhaps_told_twice'; channel: string; ways: string[] }
  | { event: 'not_archived'; why: string }
  /** A published version that is replaced cannot be published again; `remains`: what of it stays public. */
  | { event: 'version_used_up'; version?: string; remains: string[] }
  /** One that expired before the step that it protects. */
  | { event: 'approval_expired_unused' }
  | { event: 'approvals_not_looked_at'; why: string }
  | { event: 'approvals_asked_again'; why: string }
  | { event: 'texts_edited'; by: string }
  /** While a change of the environment waited for it. */
  | { event: 'calendar_changed'; environment: string }
  /** A rollback leaves alone what does not run the bad version. */
  | { event: 'left_as_it_is'; environment: string; version: string }
  /** A rollback of its own takes this run's version back: it ends when that has. */
  | { event: 'is_taken_back'; version: string; by: string; reason: string }
  | { event: 'asked_to_make_room'; workflowId: string }
  | { event: 'none_in_flight' }
  /** A hotfix asked for room after production was done with. */
  | { event: 'room_not_needed'; hotfix: string }
  /** A scheduled start that found this release in flight. */
  | { event: 'schedule_skipped'; when: string }
  /** A part of going back, by the script that does it. */
  | { event: 'rollback_step_done'; environment: string; script: EnvironmentScriptName; title: string }
  | { event: 'rollback_step_failed'; environment: string; title: string; why: string }
  | { event: 'rollback_did_not_help'; product: string; environment: string; why: string }
  /** The environment's history lacks that it runs this version. */
  | { event: 'history_not_kept'; environment: string; version: string; why: string }
  /** A deployment refused what somebody asked of it. */
  | { event: 'deployment_refused'; command: string; by: string; reason: string }
  | { event: 'deployment_held'; environment: string }
  | { event: 'issue_not_opened'; why: string }
  | { event: 'not_shown_on_host'; environment: string; version: string; state: string; why: string }
  /** The host was away for so long that it may not show how it ended. */
  | { event: 'perhaps_not_shown_on_host'; environment: string; version: string }
  | { event: 'monitoring_restarted'; why: string }
  /** By the store's retention. `bytes`: of all of them. `builds`: how many that were never released. */
  | { event: 'store_pruned'; versions: string[]; builds: number; bytes: number; policy: string }
  | { event: 'store_not_pruned'; why: string }
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
  perhaps_told_twice: ({ channel, ways }) => ({
    what: `${channel} may have been told twice by ${ways.join(', ')}: a worker died meanwhile`,
  }),
  not_archived: ({ why }) => ({ what: `the record is not in the archive: ${why}` }),
  version_used_up: ({ version, remains }) => ({
    what: `${version} is used up; what remains public: ${remains.join('; ') || 'nothing'}`,
  }),
  approval_expired_unused: () => ({
    what: 'an approval has expired before it was used: it is asked for again',
  }),
  approvals_not_looked_at: ({ why }) => ({ what: `approvals could not be looked at: ${why}` }),
  approvals_asked_again: ({ why }) => ({ what: `approvals are asked for again: ${why}` }),
  calendar_changed: ({ environment }) => ({ what: `the calendar of ${environment} was changed` }),
  texts_edited: ({ by }) => ({ what: `${by} edited the texts: they are to be approved anew` }),
  left_as_it_is: ({ environment, version }) => ({
    what: `${environment} runs ${version}: it is left as it is`,
  }),
  is_taken_back: ({ version, by, reason }) => ({ what: `${by} takes ${version} back: ${reason}` }),
  asked_to_make_room: ({ workflowId }) => ({
    what: `the release in flight (${workflowId}) was asked to make room`,
  }),
  none_in_flight: () => ({ what: 'no release is in flight' }),
  room_not_needed: ({ hotfix }) => ({ what: `${hotfix} asked for room: production is done with already` }),
  schedule_skipped: ({ when }) => ({
    what: `the release that was scheduled for ${when} did not start: this one is in flight`,
  }),
  rollback_step_done: ({ title }) => ({ what: title }),
  rollback_step_failed: ({ title, why }) => ({ what: `the rollback itself failed: ${title}: ${why}` }),
  rollback_did_not_help: ({ product, why }) => ({
    what: `going back did not help: ${why}. Proposed: windlass hotfix ${product} --commit SHA`,
  }),
  history_not_kept: ({ environment, version, why }) => ({
    what: `the history of ${environment} lacks that it runs ${version}: ${why}`,
  }),
  deployment_refused: ({ command, by, reason }) => ({ what: `refused ${command} by ${by}: ${reason}` }),
  deployment_held: ({ environment }) => ({ what: `the deployment to ${environment} is held` }),
  issue_not_opened: ({ why }) => ({ what: `the issue could not be opened: ${why}` }),
  not_shown_on_host: ({ environment, version, state, why }) => ({
    what: `the host does not show that ${version} is ${state} in ${environment}: ${why}`,
  }),
  perhaps_not_shown_on_host: ({ environment, version }) => ({
    what: `the host is away: it may not show how ${version} ended in ${environment}`,
  }),
  monitoring_restarted: ({ why }) => ({ what: `monitoring ended from outside and starts again: ${why}` }),
  store_pruned: (event) => ({ what: describePruning(event) }),
  store_not_pruned: ({ why }) => ({ what: `old bytes were not removed from the store: ${why}` }),
};

function describePruning({
  versions,
  builds,
  bytes,
  policy,
}: Omit<Extract<ToldEvent, { event: 'store_pruned' }>, 'at'>): string {
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
  return isTold(event) ? TOLD[event.event](event as never) : undefined;
}
