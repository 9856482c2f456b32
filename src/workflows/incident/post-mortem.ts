import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  allHandlersFinished,
  condition,
  defineQuery,
  defineSignal,
  ParentClosePolicy,
  setHandler,
  startChild,
} from '@temporalio/workflow';
import { STATUS_QUERY } from '../../contracts/commands.ts';
import { readClose, readOwner } from '../../contracts/inbound/read-notes.ts';
import { INTERNAL_SIGNALS } from '../../contracts/internal-signals.ts';
import { postMortemWorkflowId, WORKFLOW_TYPES } from '../../contracts/workflow-ids.ts';
import type { PostMortemInput, PostMortemState } from '../../contracts/workflows.ts';
import { DAY_MS } from '../../release/duration.ts';
import type { ReleaseRecord } from '../../release/record/record.ts';
import { markdownText } from '../../release/views/markdown.ts';
import { renderPostMortem } from '../../release/views/post-mortem.ts';
import type { RoleActivities } from '../shared/role-activities.ts';
import { proxyRoleActivities } from '../shared/role-activities.ts';
import { showDetails } from '../shared/show-details.ts';
import { callOnCall } from './call-on-call.ts';

/** Starts the post-mortem of a release that was rolled back; it lives on by itself. */
export async function startPostMortem(record: ReleaseRecord): Promise<void> {
  const input: PostMortemInput = { record, remindAfterMs: DAY_MS };
  try {
    await startChild(WORKFLOW_TYPES.postMortem, {
      workflowId: postMortemWorkflowId(record.product, record.releaseId),
      args: [input],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: `Post-mortem of ${record.title}`,
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}

/**
 * Writes the draft from the record as an issue, asks for an owner, reminds, and ends when somebody closes it. It lasts
 * as long as people take; nothing is decided by it, so its signals need no signature.
 */
export async function postMortem(input: PostMortemInput): Promise<PostMortemState> {
  const { record } = input;
  let state: PostMortemState = { product: record.product, releaseId: record.releaseId, reminders: 0 };
  const show = (next: Partial<PostMortemState>) => {
    state = { ...state, ...next };
    showDetails(describe(record, state));
  };
  setHandler(defineSignal<[unknown]>(INTERNAL_SIGNALS.own), (argument) => {
    const owner = readOwner(argument);
    if (owner !== undefined) show({ owner });
  });
  setHandler(defineSignal<[unknown]>(INTERNAL_SIGNALS.close), (argument) => {
    const { by = state.owner ?? 'somebody', reason = 'no conclusion given' } = readClose(argument);
    show({ closed: { by, reason, at: new Date().toISOString() } });
  });
  setHandler(defineQuery<PostMortemState>(STATUS_QUERY), () => state);
  const activities = proxyRoleActivities();
  show({});
  show(await writeDraft(activities, record));
  await tell(activities, record, 'wanted', `Who owns it? ${howTo(record, 'own')}`);
  while (!state.closed) {
    if (await condition(() => state.closed !== undefined, input.remindAfterMs, { summary: 'remind' })) break;
    show({ reminders: state.reminders + 1 });
    const what = state.owner
      ? `${state.owner} owns it, and it is not closed yet: ${howTo(record, 'close')} --comment CONCLUSION`
      : `It has no owner yet: ${howTo(record, 'own')}`;
    await tell(activities, record, `reminder/${state.reminders}`, what);
  }
  await condition(allHandlersFinished);
  return state;
}

async function writeDraft(
  activities: RoleActivities,
  record: ReleaseRecord,
): Promise<Partial<PostMortemState>> {
  const draft = renderPostMortem(record);
  if (draft === undefined) return {};
  const effect = await activities.release(`post-mortem of ${record.releaseId}`).openIssue({
    product: record.product,
    releaseId: record.releaseId,
    key: `${record.releaseId}/issue/post-mortem`,
    title: `Post-mortem: ${record.title}`,
    // Hosts take 65,536 characters.
    body: draft.slice(0, 60_000),
    labels: ['post-mortem'],
  });
  return { issue: effect.value.url };
}

async function tell(
  activities: RoleActivities,
  record: ReleaseRecord,
  id: string,
  text: string,
): Promise<void> {
  await callOnCall(activities, {
    product: record.product,
    releaseId: record.releaseId,
    id: `${record.releaseId}/post-mortem/${id}`,
    about: `post-mortem, ${id}`,
    subject: `Post-mortem of ${record.title}`,
    text,
  });
}

function howTo({ product, releaseId }: ReleaseRecord, what: 'own' | 'close'): string {
  return `windlass post-mortem ${what} ${product} --release ${releaseId}`;
}

function describe(record: ReleaseRecord, state: PostMortemState): string {
  return [
    `# Post-mortem of ${markdownText(record.title)}`,
    `Draft: ${markdownText(state.issue ?? 'being written')}`,
    `Owner: ${markdownText(state.owner ?? 'nobody yet')}; reminded ${state.reminders} times.`,
    state.closed
      ? `Closed by ${markdownText(state.closed.by)}: ${markdownText(state.closed.reason)}`
      : 'Signals: `own` {"owner": NAME}, `close` {"by": NAME, "reason": CONCLUSION}.',
  ].join('\n');
}
