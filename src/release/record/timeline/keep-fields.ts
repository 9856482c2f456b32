import type { ApprovalGate, Decision } from '../../approvals.ts';
import type { Publication } from '../../values.ts';
import type {
  FailureInfo,
  IncidentRecord,
  MonitoringRecord,
  PlanRecord,
  Receipt,
  Waiting,
} from '../record.ts';
import type { RecordEvent } from '../record-event.ts';

/** What the timeline keeps of events that are long: all of it stands elsewhere in the record or in the store. */
interface Shortened {
  planned: { plan: Pick<PlanRecord, 'type' | 'version' | 'base' | 'planHash'> };
  step_done: { id: string; detail?: string };
  step_failed: { id: string; failure: Pick<FailureInfo, 'type' | 'what'> };
  approval_opened: { gate: Pick<ApprovalGate, 'key' | 'title' | 'subject' | 'required'> };
  decided: { decision: Pick<Decision, 'gate' | 'decision' | 'person' | 'role' | 'subject' | 'reason'> };
  waiting: { waiting: Pick<Waiting, 'for' | 'reason'> };
  monitoring: {
    monitoring: Pick<MonitoringRecord, 'environment' | 'status' | 'observedMs'>;
    concluded?: string;
    note?: string;
  };
  incident: {
    incident: Pick<
      IncidentRecord,
      'id' | 'severity' | 'summary' | 'reportedBy' | 'resolution' | 'goingSince'
    >;
  };
  published: { publication: Pick<Publication, 'registry' | 'name' | 'digest' | 'tags'> };
  receipt: { receipt: Pick<Receipt, 'key' | 'outcome' | 'proof'> };
  ended: Pick<Extract<RecordEvent, { event: 'ended' }>, 'outcome' | 'ending'>;
}

type KeptOf<E> = E extends { event: infer N }
  ? { event: N } & (N extends keyof Shortened ? Shortened[N] : Omit<E, 'at' | 'event'>)
  : never;

/** An event as the timeline has it: its name, and its fields as far as they are kept. Every event is one as it is. */
export type KeptEvent = KeptOf<RecordEvent>;

type Shortener<N> = N extends keyof Shortened
  ? (event: Extract<RecordEvent, { event: N }>) => Shortened[N]
  : never;

const SHORTENERS: { [N in keyof Shortened]: Shortener<N> } = {
  planned: ({ plan }) => ({ plan: pick(plan, 'type', 'version', 'base', 'planHash') }),
  step_done: (event) => pick(event, 'id', 'detail'),
  step_failed: ({ id, failure }) => ({ id, failure: pick(failure, 'type', 'what') }),
  approval_opened: ({ gate }) => ({ gate: pick(gate, 'key', 'title', 'subject', 'required') }),
  decided: ({ decision }) => ({
    decision: pick(decision, 'gate', 'decision', 'person', 'role', 'subject', 'reason'),
  }),
  waiting: ({ waiting }) => ({ waiting: pick(waiting, 'for', 'reason') }),
  monitoring: (event) => ({
    monitoring: pick(event.monitoring, 'environment', 'status', 'observedMs'),
    ...pick(event, 'concluded', 'note'),
  }),
  incident: ({ incident }) => ({
    incident: pick(incident, 'id', 'severity', 'summary', 'reportedBy', 'resolution', 'goingSince'),
  }),
  published: ({ publication }) => ({ publication: pick(publication, 'registry', 'name', 'digest', 'tags') }),
  receipt: ({ receipt }) => ({ receipt: pick(receipt, 'key', 'outcome', 'proof') }),
  ended: (event) => pick(event, 'outcome', 'ending'),
};

/** The fields of an event that its entry in the timeline keeps. */
export function keepFields(event: RecordEvent): object {
  const { at: _at, event: name, ...fields } = event;
  return Object.hasOwn(SHORTENERS, name) ? SHORTENERS[name as keyof Shortened](event as never) : fields;
}

/** Members of an object; what it does not have is left out. */
function pick<T extends object, K extends keyof T>(from: T, ...keys: K[]): Pick<T, K> {
  return Object.fromEntries(
    keys.filter((key) => from[key] !== undefined).map((key) => [key, from[key]]),
  ) as Pick<T, K>;
}
