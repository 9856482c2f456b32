import { describeApprovers } from '../../policy/approvers.ts';
import type { IncidentRecord, ReleaseRecord, TimelineEntry } from '../record.ts';
import { describeNews } from './environment-news.ts';
import type { KeptEvent } from './keep-fields.ts';
import { describeTold, type Sentence } from './told-events.ts';

/**
 * What an entry of a record's timeline says to people. Up to format 2 entries hold their sentence; from then on it is
 * made of their data alone. Total: an entry that a newer version wrote says at least what its event is called.
 */
export function describeEntry(entry: TimelineEntry, { format }: Pick<ReleaseRecord, 'format'>): Sentence {
  const { event = 'noted', data, what, by } = entry;
  if (format < 3 && what !== undefined) return by === undefined ? { what } : { what, by };
  try {
    const sentence = describeEvent({ event, ...data } as KeptEvent);
    if (typeof sentence?.what === 'string') return sentence;
  } catch {
    // The event is known here with other fields than those: its name is still right.
  }
  return { what: String(event).replaceAll('_', ' ') };
}

/** The newest entries of a record's timeline as people read them, oldest first; all of them where no number is given. */
export function describeTimeline(
  record: Pick<ReleaseRecord, 'format' | 'timeline'>,
  newest = Number.POSITIVE_INFINITY,
): ({ at: string } & Sentence)[] {
  return record.timeline.slice(-newest).map((entry) => ({ at: entry.at, ...describeEntry(entry, record) }));
}

/** The timeline's sentence for an event, or `undefined` for those that only move figures. */
export function describeEvent(event: KeptEvent): Sentence | undefined {
  switch (event.event) {
    case 'phase_entered':
      return { what: `phase: ${event.phase.replaceAll('_', ' ')}` };
    case 'step_done':
      return { what: `${event.id} done${event.detail ? `: ${event.detail}` : ''}` };
    case 'step_failed':
      return { what: `${event.id} failed: ${event.failure.what}` };
    case 'step_skipped':
      return { what: `${event.id} skipped: ${event.reason}`, by: event.by };
    case 'step_not_configured':
      return { what: `${event.id}: not configured (${event.reason})` };
    case 'planned':
      return {
        what: `planned ${event.plan.version} (${event.plan.type}) from ${event.plan.base.slice(0, 12)}`,
      };
    case 'approval_opened':
      return { what: `${event.gate.title}: waits for ${describeApprovers(event.gate.required).join(', ')}` };
    case 'decided': {
      const verb = event.decision.decision === 'approve' ? 'approved' : 'rejected';
      const why = event.decision.reason ? `: ${event.decision.reason}` : '';
      return {
        what: `${event.decision.gate} ${verb} as ${event.decision.role}${why}`,
        by: event.decision.person,
      };
    }
    case 'gate_voided':
      return { what: `${event.key} is not asked for any more: ${event.reason}` };
    case 'approval_lapsed':
      return { what: `an approval of ${event.key} has expired: it is asked for again` };
    case 'reminded':
      return { what: `reminded ${event.whom.join(', ')} of ${event.key}` };
    case 'replanned':
      return { what: `replanned, approvals void: ${event.reason}`, by: event.by };
    case 'command_taken': {
      const how = event.verified ? '' : ' (unverified)';
      return { what: `${event.command}${how}${event.reason ? `: ${event.reason}` : ''}`, by: event.by };
    }
    case 'command_refused':
      return { what: `refused ${event.refusal.what}: ${event.refusal.reason}`, by: event.refusal.by };
    case 'held':
      return { what: `held: ${event.reason}`, by: event.by };
    case 'resumed':
      return { what: 'resumed', by: event.by };
    case 'waiting':
      return { what: `waits for ${event.waiting.for.join(', ')}: ${event.waiting.reason}` };
    case 'worker_missing':
      if (event.why !== undefined) {
        return { what: `the ${event.role} worker cannot begin, what it is asked for waits: ${event.why}` };
      }
      return {
        what: `no ${event.role} worker since ${event.since.slice(11, 16)} UTC: what it is asked for waits`,
      };
    case 'worker_wait_over':
      return { what: `nothing waits for a ${event.role} worker any more` };
    case 'blocked':
      return event.blockers.length > 0 ? { what: `blocked: ${event.blockers.join('; ')}` } : undefined;
    case 'environment':
      if (event.news) return { what: describeNews(event.environment, event.news) };
      return event.note === undefined ? undefined : { what: event.note };
    case 'monitoring': {
      const { concluded, note = concluded && `monitoring: ${concluded}` } = event;
      return note === undefined ? undefined : { what: note };
    }
    case 'incident':
      return {
        what: `incident (${event.incident.severity}): ${event.incident.summary}${sayState(event.incident)}`,
        by: event.incident.reportedBy,
      };
    case 'published':
      return {
        what: `published ${event.publication.name} to ${event.publication.registry} as ${event.publication.tags.join(', ')}`,
      };
    case 'receipt':
      return {
        what: `${event.receipt.key}: ${event.receipt.outcome.replace('_', ' ')}, ${event.receipt.proof}`,
      };
    case 'noted':
      return event.by === undefined ? { what: event.what } : { what: event.what, by: event.by };
    case 'ended':
      return { what: `${event.outcome.replaceAll('_', ' ')}: ${event.ending}` };
    default:
      return describeTold(event);
  }
}

function sayState({ resolution, goingSince }: Pick<IncidentRecord, 'resolution' | 'goingSince'>): string {
  if (resolution !== undefined) return `: ${resolution}`;
  return goingSince === undefined ? '' : ': the version goes back';
}
