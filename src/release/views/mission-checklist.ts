/**
 * The mission's own checklist as data: which steps of the record each line rests on. A step that is not configured
 * or was skipped is never shown as done.
 */

import type { EnvironmentKind } from '../names.ts';
import type { ReleaseRecord, StepRecord, StepStatus } from '../record/record.ts';
import { describeEntry } from '../record/timeline/describe-event.ts';
import { readFact } from '../record/timeline/facts.ts';
import { type ChecklistStatus, nameTime } from './words.ts';

export interface ChecklistItem {
  label: string;
  status: ChecklistStatus;
  detail?: string;
}

export interface ChecklistSection {
  title: 'Pre-Release' | 'Staging' | 'Production';
  items: ChecklistItem[];
}

/** The mission's checklist, Pre-Release, Staging and Production, as far as the record has come. */
export function viewChecklist(record: ReleaseRecord): ChecklistSection[] {
  const sections = listSections(record);
  if (record.outcome === undefined) return sections;
  // After the end nothing is to come.
  return sections.map(({ title, items }) => ({
    title,
    items: items.map((item) => (item.status === 'open' ? { ...item, status: 'not_reached' } : item)),
  }));
}

function listSections(record: ReleaseRecord): ChecklistSection[] {
  return [
    {
      title: 'Pre-Release',
      items: [
        ofReadiness(record, 'All planned features merged'),
        ofSteps(record, 'All tests passing', ['gates.tests', 'gates.regression'], 'gates.tests'),
        ofReadiness(record, 'No critical/high open bugs'),
        ofSteps(record, 'Changelog updated', ['review.changelog', 'commit.release'], 'commit.release'),
        ofSteps(record, 'Version bumped', ['commit.release']),
        ofSteps(record, 'Release notes prepared', ['plan.version']),
      ],
    },
    {
      title: 'Staging',
      items: [
        ofDeployment(record, 'Deployed successfully', 'staging'),
        ofEnvironment(record, 'Smoke tests passing', 'staging', ['staging.smoke']),
        ofGate(record, 'QA sign-off', 'staging', 'staging.sign_off', 'staging_sign_off'),
        ofGate(record, 'CEO approval', undefined, 'go_live.approval', 'go_live'),
      ],
    },
    {
      title: 'Production',
      items: [
        ofEnvironment(record, 'Database backed up', 'production', ['production.backup']),
        ofRolledBack(record, ofDeployment(record, 'Deployed successfully', 'production')),
        ofEnvironment(record, 'Smoke tests passing', 'production', ['production.smoke', 'monitoring.smoke']),
        ofRolledBack(record, ofMonitoring(record)),
        ofSteps(record, 'Git tag created', ['finalize.tag']),
        ofSteps(record, 'Release page created', ['finalize.release_page']),
        ofNotice(record),
      ],
    },
  ];
}

/** Steps of that id, with those of a product with several environments (`staging.deployment.eu`). */
function findSteps(record: ReleaseRecord, ids: string[]): StepRecord[] {
  return record.steps.filter((step) => ids.some((id) => step.id === id || step.id.startsWith(`${id}.`)));
}

/** `last`: the step without which the line is not done, however many others are. */
function ofSteps(record: ReleaseRecord, label: string, ids: string[], last = ids.at(-1)!): ChecklistItem {
  const steps = findSteps(record, ids);
  const status = combine(steps, findSteps(record, [last]).length > 0);
  return withDetail({ label, status }, steps);
}

function combine(steps: StepRecord[], complete: boolean): ChecklistItem['status'] {
  const has = (status: StepStatus) => steps.some((step) => step.status === status);
  if (steps.length === 0) return 'open';
  if (has('failed')) return 'failed';
  if (has('waiting')) return 'waiting';
  if (has('running') || !complete) return 'running';
  if (has('skipped')) return 'skipped';
  return has('done') ? 'done' : 'not_configured';
}

function withDetail(item: ChecklistItem, steps: StepRecord[]): ChecklistItem {
  const telling = steps.find((step) => step.status === item.status) ?? steps.at(-1);
  const detail = telling?.failure?.what ?? telling?.detail;
  return detail === undefined ? item : { ...item, detail };
}

/** What could not be looked at, because no host with pull requests and issues is configured, is not done. */
function ofReadiness(record: ReleaseRecord, label: string): ChecklistItem {
  const item = ofSteps(record, label, ['readiness.check']);
  const blind = item.status === 'done' && findSteps(record, ['readiness.host']).length > 0;
  return blind ? ofSteps(record, label, ['readiness.host']) : item;
}

function ofDeployment(record: ReleaseRecord, label: string, kind: EnvironmentKind): ChecklistItem {
  const whole = findSteps(record, [`${kind}.deployment`]);
  if (whole.some((step) => step.status === 'not_configured')) {
    return withDetail({ label, status: 'not_configured' }, whole);
  }
  const parts = ['deploy', 'migrate', 'verify', 'traffic', 'health'].map((part) => `${kind}.${part}`);
  const item = ofSteps(record, label, parts);
  // The deployment as a whole may fail outside its parts, such as in the wait for its lease.
  if (whole.some((step) => step.status === 'failed')) return withDetail({ label, status: 'failed' }, whole);
  return item.status === 'open' && whole.length > 0
    ? withDetail({ label, status: combine(whole, true) }, whole)
    : item;
}

function ofEnvironment(
  record: ReleaseRecord,
  label: string,
  kind: EnvironmentKind,
  ids: string[],
): ChecklistItem {
  const item = ofSteps(record, label, ids);
  const none = findSteps(record, [`${kind}.deployment`]).some((step) => step.status === 'not_configured');
  return item.status === 'open' && none
    ? { label, status: 'not_configured', detail: `the product has no ${kind} environment` }
    : item;
}

/** A gate that policy asks of nobody was not approved by anybody. */
function ofGate(
  record: ReleaseRecord,
  label: string,
  kind: 'staging' | undefined,
  step: string,
  key: string,
): ChecklistItem {
  const item =
    kind === undefined ? ofSteps(record, label, [step]) : ofEnvironment(record, label, kind, [step]);
  const gate = record.approvals.find((candidate) => candidate.key === key);
  if (item.status === 'done' && !gate) {
    return { label, status: 'not_configured', detail: 'policy asks for nobody' };
  }
  if (gate?.status === 'open')
    return { label, status: 'waiting', detail: `since ${nameTime(gate.openedAt)}` };
  return item;
}

/** A deployment that was taken back is no success, whatever its steps said at the time. */
function ofRolledBack(record: ReleaseRecord, item: ChecklistItem): ChecklistItem {
  if (record.outcome !== 'rolled_back' || ['not_configured', 'open'].includes(item.status)) return item;
  return { label: item.label, status: 'rolled_back', detail: record.ending ?? 'rolled back' };
}

/** Normal is what was watched for its whole time: not what somebody ended, whatever was seen until then. */
function ofMonitoring(record: ReleaseRecord): ChecklistItem {
  const item = ofEnvironment(record, 'Monitoring normal', 'production', ['monitoring.window']);
  if (item.status !== 'done' || record.monitoring?.status !== 'ended_early') return item;
  return { label: item.label, status: 'ended_early', detail: record.monitoring.reason };
}

function ofNotice(record: ReleaseRecord): ChecklistItem {
  const item = ofSteps(record, 'CEO notified', ['announce.complete']);
  if (item.status !== 'done') return item;
  const since = findSteps(record, ['announce.complete'])[0]?.startedAt ?? '';
  const missed = record.timeline.findLast((entry) => {
    const { fact, channel } = readFact(entry, record).data;
    return entry.at >= since && fact === 'not_told' && channel === 'ceo';
  });
  return missed ? { ...item, status: 'failed', detail: describeEntry(missed, record).what } : item;
}
