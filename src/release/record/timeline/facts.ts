import type { ReleaseRecord, TimelineEntry } from '../record.ts';
import type { RecordEvent } from '../record-event.ts';
import type { KeptEvent } from './keep-fields.ts';
import { isTold } from './told-events.ts';

/** What views look for in events whose name alone does not say it. */
export const FACTS = ['went_live', 'goes_back', 'runs_again', 'not_told'] as const;

export type FactName = (typeof FACTS)[number];

/** What happened, for programs: the event's name with the few things that are looked for. */
export interface Fact {
  event: RecordEvent['event'];
  data: FactData;
}

export type FactData = {
  fact?: FactName;
  /** For `not_told`: whom. */
  channel?: string;
  step?: string;
  command?: string;
  gate?: string;
  /** Of a monitoring window. */
  status?: string;
  outcome?: string;
  /** Of an incident: whether it is settled. */
  settled?: boolean;
};

/** What programs look for in an event. */
function dataOf(event: KeptEvent): FactData {
  switch (event.event) {
    case 'step_done':
    case 'step_failed':
    case 'step_skipped':
    case 'step_not_configured':
      return { step: event.id };
    case 'command_taken':
      return { command: event.command };
    case 'decided':
      return { gate: event.decision.gate };
    case 'incident':
      return { settled: event.incident.resolution !== undefined };
    case 'monitoring':
      return { status: event.monitoring.status };
    case 'went_live':
    case 'goes_back':
      return { fact: event.event };
    case 'not_told':
      return { fact: event.event, channel: event.channel };
    case 'environment': {
      const fact = event.news?.is === 'runs_again' ? event.news.is : event.fact;
      return fact === undefined ? {} : { fact };
    }
    case 'noted':
      return {
        ...(event.fact === undefined ? {} : { fact: event.fact }),
        ...(event.channel === undefined ? {} : { channel: event.channel }),
      };
    case 'ended':
      return { outcome: event.outcome };
    default:
      return {};
  }
}

/** What happened, by an entry of a record's timeline: its own data, or what the sentence of an old record says. */
export function readFact(entry: TimelineEntry, { format }: Pick<ReleaseRecord, 'format'>): Fact {
  const { event, data, what } = entry;
  if (event === undefined) return readOldSentence(what ?? '');
  if (format < 3) return { event, data: data ?? {} };
  try {
    return { event, data: dataOf({ event, ...data } as KeptEvent) };
  } catch {
    // A newer version's event has other fields: nothing is known of it.
    return { event, data: {} };
  }
}

/** How records of format 2 name an event: what is only told had no name of its own then. */
export function nameAsInFormat2(event: RecordEvent): Fact {
  return { event: isTold(event) ? 'noted' : event.event, data: dataOf(event) };
}

/**
 * The sentences of records from before entries kept their events (format 1), as far as anybody looks for them. They
 * are in archives for good, and these words never change; nothing else is ever found out by reading a sentence.
 */
const OLD_SENTENCES: [RegExp, Fact][] = [
  [/^abort/, { event: 'command_taken', data: { command: 'abort' } }],
  [/^rollback/, { event: 'command_taken', data: { command: 'rollback' } }],
  [/^dismiss/, { event: 'command_taken', data: { command: 'dismiss' } }],
  [/^replanned/, { event: 'replanned', data: {} }],
  [/^could not tell ceo/, { event: 'noted', data: { fact: 'not_told', channel: 'ceo' } }],
  [/^live: /, { event: 'noted', data: { fact: 'went_live' } }],
  [/^rolling .* back from /, { event: 'noted', data: { fact: 'goes_back' } }],
  [/ runs \S+ again$/, { event: 'environment', data: { fact: 'runs_again' } }],
  [/^rolled back: /, { event: 'ended', data: { outcome: 'rolled_back' } }],
  [/^monitoring: /, { event: 'monitoring', data: { status: 'failed' } }],
  [/^(?:production|monitoring)\.\S+ failed: /, { event: 'step_failed', data: { step: 'production' } }],
];

function readOldSentence(what: string): Fact {
  const known = OLD_SENTENCES.find(([sentence]) => sentence.test(what));
  return known?.[1] ?? { event: 'noted', data: {} };
}
