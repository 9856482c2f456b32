import type { StoreRef } from '../store-ref.ts';
import type { GateResult, Publication } from '../values.ts';
import type { ApprovalEvent } from './change-approvals.ts';
import type { StepEvent } from './change-steps.ts';
import type { ControlEvent } from './control.ts';
import type {
  EnvironmentRecord,
  IncidentRecord,
  MonitoringRecord,
  Outcome,
  Phase,
  PlanRecord,
  Receipt,
  Refusal,
  TrailPart,
  Waiting,
} from './record.ts';
import type { EnvironmentNews } from './timeline/environment-news.ts';
import type { FactName } from './timeline/facts.ts';
import type { ToldEvent } from './timeline/told-events.ts';

/** Everything that can happen to a release, with its moment, ISO 8601. Nothing else ever changes a record. */
export type RecordEvent =
  | StepEvent
  | ApprovalEvent
  | ToldEvent
  | ({ at: string } & (
      | { event: 'phase_entered'; phase: Phase }
      | { event: 'planned'; plan: PlanRecord; title: string }
      | { event: 'committed'; commit: string }
      | { event: 'built'; artifact?: StoreRef; image?: string }
      | { event: 'gate_passed'; gate: GateResult }
      | { event: 'subject_known'; subject: string }
      | { event: 'replanned'; by: string; reason: string }
      | { event: 'command_taken'; command: string; by: string; reason?: string; verified: boolean }
      | { event: 'command_refused'; refusal: Omit<Refusal, 'at'> }
      | { event: 'held'; by: string; reason: string }
      | { event: 'resumed'; by: string }
      | { event: 'waiting'; waiting: Omit<Waiting, 'since'> }
      | { event: 'waiting_over' }
      | { event: 'blocked'; blockers: string[] }
      | {
          event: 'environment';
          environment: Partial<EnvironmentRecord> & { name: string };
          news?: EnvironmentNews;
          /** In reports of children that began before `news`. */
          note?: string;
          fact?: FactName;
        }
      /** `concluded`: why the window is over; `note`: the same, of children that began before it. */
      | { event: 'monitoring'; monitoring: MonitoringRecord; concluded?: string; note?: string }
      | { event: 'incident'; incident: IncidentRecord }
      /** Nobody has taken up what a role's worker was asked for at `since`; `why`: its configuration refuses it. */
      | { event: 'worker_missing'; role: string; since: string; why?: string }
      /** It was taken up, or given up. */
      | { event: 'worker_wait_over'; role: string }
      | { event: 'published'; publication: Publication }
      | { event: 'receipt'; receipt: Omit<Receipt, 'at'> }
      | { event: 'linked'; name: string; url: string }
      /** What has no event of its own: words of a person or a program. `fact` is of children that began before format 3. */
      | { event: 'noted'; what: string; by?: string; fact?: FactName; channel?: string }
      /** `fromTimeline`: how many of the part's entries the record still held. */
      | { event: 'trail_moved'; part: TrailPart; fromTimeline: number }
      | { event: 'ended'; outcome: Outcome; ending: string; remains: string[] }
      | ControlEvent
    ));
