import { condition } from '@temporalio/workflow';
import type { NewReceipt } from '../../contracts/activities.ts';
import type { Dismissal, IncidentReport, IncidentRules } from '../../release/incidents.ts';
import {
  askAbout,
  type Demand,
  decideIncidents,
  findReported,
  listOpen,
  markGoing,
  sayRating,
  settleAll,
  type Taken,
  takeDismissal,
  takeReport,
} from '../../release/incidents.ts';
import { mayRate } from '../../release/policy/severity.ts';
import type { IncidentRecord, Waiting } from '../../release/record/record.ts';
import type { RoleActivities } from '../shared/role-activities.ts';
import { callOnCall } from './call-on-call.ts';

/** What is said about incidents: one is reported, or one is no reason to go back. */
export type Said = ({ what: 'incident' } & IncidentReport) | ({ what: 'dismiss' } & Dismissal);

/** Where incidents are responded to: in a watched deployment, or for what is long live. */
export interface IncidentPlace {
  activities: RoleActivities;
  product: string;
  releaseId: string;
  /** What it is about, for people: `shop 1.4.0 in production`. */
  title: string;
  rules(): IncidentRules;
  /** An incident as it stands now: for the record. */
  tell(incident: IncidentRecord): void;
  /** What people are asked; nothing any more. */
  ask(waiting: Omit<Waiting, 'since'> | undefined): void;
  /** What was said and does not count. */
  refuse(what: string, by: string, reason: string): void;
  noteReceipts?(receipts: NewReceipt[]): void;
  /** What could not be done, and stops nothing. */
  noteNoIssue(why: string): void;
  /** Looked at before a new incident counts: what production runs, and whether somebody else sees to it. */
  lookUp?(report: IncidentReport): Promise<{ version?: string; resolution?: string }>;
  /** Runs that began before incidents had ids of their own know one at a time. */
  oneAtATime: boolean;
}

export type End = Exclude<Demand, { go: 'wait' }>;

/**
 * The one response to incidents: takes what is said in its order, calls on-call for each, asks people while any waits,
 * and says when the version has to go back. The rules are in `release/incidents.ts`; this carries them out.
 */
export class IncidentDesk {
  /** Another list with every change of one. */
  incidents: IncidentRecord[];
  readonly #place: IncidentPlace;
  readonly #said: Said[] = [];
  /** What has changed and was not told yet, by id. */
  readonly #changed = new Set<string>();
  #issues: IncidentRecord[] = [];
  #going: { how: string; because: IncidentRecord | undefined } | undefined;
  /** As what on-call was called for each, by id. */
  readonly #called = new Map<string, string>();

  constructor(place: IncidentPlace, incidents: IncidentRecord[] = []) {
    this.#place = place;
    this.incidents = incidents;
  }

  /** Takes what was said: at once where nothing has to be looked up first. */
  hear(said: Said): void {
    this.#said.push(said);
    if (this.#place.lookUp || this.#place.oneAtATime) return;
    for (const one of this.#said.splice(0)) this.#take(one, {});
    this.#tellChanges();
  }

  /** Whether people, or policy, have something to decide. */
  get isCalling(): boolean {
    return this.#said.length > 0 || listOpen(this.incidents).length > 0;
  }

  /** Whether the version goes back already: what is said now answers nothing any more. */
  get isGoing(): boolean {
    return this.#going !== undefined;
  }

  /** Whether there is something to be done that nobody has to decide. */
  get hasErrands(): boolean {
    return this.#issues.length > 0;
  }

  /** Opens the issues of what waits for the next release. */
  async runErrands(): Promise<void> {
    for (const incident of this.#issues.splice(0)) await this.#openIssue(incident);
  }

  /**
   * Does what the incidents demand until none is open, or until the version has to go back: then `settle` says how it
   * did. `stopped`: why it goes back whatever is said, such as a person's rollback.
   */
  async respond(stopped: () => string | undefined = () => undefined): Promise<End> {
    for (;;) {
      await this.#takeAll();
      const stop = stopped();
      const [worst] = listOpen(this.incidents);
      const demand: Demand =
        stop !== undefined && worst ? { go: 'back', because: worst, how: stop } : this.#demand();
      if (demand.go === 'back') return demand;
      this.#tellChanges();
      await this.runErrands();
      if (demand.go === 'on') {
        if (this.#counting.length > 0) continue;
        return demand;
      }
      await this.#wait(demand, stopped);
    }
  }

  /** The version goes back now: all open ones wait for how that ends. `how`: what settles them when it went well. */
  go(how: string, because?: IncidentRecord): void {
    this.#going ??= { how, because };
    this.#replace(markGoing(this.incidents, new Date().toISOString()));
  }

  /** It ended; `say` makes of what settles them when it went well the sentence on how it really went. */
  settleGone(say: (how: string) => string): void {
    const { how = '', because } = this.#going ?? {};
    this.settle(say(how).slice(0, 2_000), because);
  }

  /** All open ones are settled, as what happened settles them. */
  settle(how: string, because?: IncidentRecord): void {
    this.#replace(settleAll(this.incidents, because, how, new Date().toISOString()));
  }

  #replace(incidents: IncidentRecord[]): void {
    const before = this.incidents;
    this.incidents = incidents;
    for (const one of this.incidents) if (!before.includes(one)) this.#changed.add(one.id);
    this.#tellChanges();
  }

  #demand(): Demand {
    return decideIncidents(this.incidents, this.#place.rules(), Date.now());
  }

  async #wait(demand: Extract<Demand, { go: 'wait' }>, stopped: () => string | undefined): Promise<void> {
    const { ask } = this.#place;
    const before = this.incidents;
    ask({ for: ['on_call', 'operator'], ...askAbout(this.incidents, this.#place.rules()) });
    for (const incident of listOpen(this.incidents)) await this.#call(incident);
    const isOver = () => this.#counting.length > 0 || this.incidents !== before || stopped() !== undefined;
    if (demand.until === undefined) await condition(isOver);
    else {
      await condition(isOver, Math.max(1, demand.until - Date.now()), {
        summary: `${demand.worst.severity} incident: roll back then`,
      });
    }
    ask(undefined);
  }

  async #takeAll(): Promise<void> {
    for (;;) {
      const [next] = this.#counting;
      if (!next) return;
      const { lookUp } = this.#place;
      const isNew =
        next.what === 'incident' && !findReported(this.incidents, next) && !next.names && !next.over;
      const seen = isNew && lookUp ? await lookUp(next) : {};
      this.#said.splice(this.#said.indexOf(next), 1);
      this.#take(next, seen);
    }
  }

  /** What counts now. Where one is known at a time, another waits until that is settled, unless it rates it. */
  get #counting(): Said[] {
    const [open] = listOpen(this.incidents);
    if (!this.#place.oneAtATime || !open) return this.#said;
    const now = open.unrated ? undefined : open.severity;
    return this.#said.filter(
      (said) =>
        said.what === 'dismiss' ||
        (said.severity !== undefined && mayRate(now, said.severity, said.verified)),
    );
  }

  #take(said: Said, seen: { version?: string; resolution?: string }): void {
    const rules = this.#place.rules();
    const taken = this.#apply(said, rules, seen.version);
    if ('refused' in taken) {
      this.#place.refuse(said.what, said.by, taken.refused);
      return;
    }
    const before = this.incidents.find((one) => one.id === taken.incident.id);
    if (before === taken.incident) return;
    const { deadline: _none, ...noDeadline } = taken.incident;
    const incident =
      seen.resolution === undefined ? taken.incident : { ...noDeadline, resolution: seen.resolution };
    // In the order of their reports.
    this.incidents = before
      ? this.incidents.map((one) => (one === before ? incident : one))
      : [...this.incidents, incident];
    this.#changed.add(incident.id);
    if (said.what === 'incident' && incident.severity === 'low' && seen.resolution === undefined) {
      if (incident.resolution !== undefined) this.#issues.push(incident);
    }
  }

  #apply(said: Said, rules: IncidentRules, version: string | undefined): Taken {
    const { product, oneAtATime } = this.#place;
    const [open] = listOpen(this.incidents);
    if (said.what === 'dismiss') {
      const named = oneAtATime && open ? { ...said, id: open.id } : said;
      return takeDismissal(this.incidents, named, rules, {
        at: new Date().toISOString(),
        hotfix: `windlass hotfix ${product} --commit SHA`,
      });
    }
    const report: IncidentReport =
      oneAtATime && open ? { ...said, id: open.id, names: true, verified: true } : said;
    return takeReport(this.incidents, report, rules, {
      at: new Date().toISOString(),
      within: this.#place.title,
      ...(version === undefined ? {} : { version }),
    });
  }

  #tellChanges(): void {
    for (const one of this.incidents) if (this.#changed.has(one.id)) this.#place.tell(one);
    this.#changed.clear();
  }

  async #call(incident: IncidentRecord): Promise<void> {
    const { id, severity, summary, deadline, unrated, over } = incident;
    const rated = unrated ? 'unrated' : severity;
    const told = `${rated}${over === undefined ? '' : '/over'}`;
    if (this.#called.get(id) === told) return;
    this.#called.set(id, told);
    const { activities, product, releaseId, title } = this.#place;
    const words = sayRating(incident);
    const until = deadline ? `It rolls back by itself at ${deadline}.` : 'It waits for you.';
    const since = over === undefined ? '' : ` Its source says that it is over since ${over}.`;
    await callOnCall(activities, {
      product,
      releaseId,
      id: `${releaseId}/incident/${id}/${told}`,
      about: words,
      subject: `${title}: ${unrated ? words : `${words} incident`}`,
      text: `${summary} (${id}).${since}\n\n${until} windlass rollback ${product}, or: windlass dismiss ${product} --incident ${id} --comment WHY${severity === 'medium' ? ' --hotfix-in 20m' : ''}`,
    });
  }

  async #openIssue(incident: IncidentRecord): Promise<void> {
    const { activities, product, releaseId, title, noteNoIssue, noteReceipts } = this.#place;
    try {
      const effect = await activities.release('open an issue for the next release').openIssue({
        product,
        releaseId,
        key: `${releaseId}/issue/${incident.id}`,
        title: `${title}: ${incident.summary}`.slice(0, 200),
        body: `Reported by ${incident.reportedBy} at ${incident.at} about ${title}: ${incident.summary}`,
        labels: ['incident'],
      });
      noteReceipts?.(effect.receipts);
    } catch (error) {
      noteNoIssue(String(error).slice(0, 200));
    }
  }
}
