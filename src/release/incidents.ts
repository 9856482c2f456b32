/**
 * Incidents, each its own: what a report or a dismissal does to those that are open, and what the worst of them
 * demands. Pure; workflows only carry it out. What a severity means is in `severity.ts`.
 */
import { digestOf } from './digest.ts';
import { nameDuration } from './duration.ts';
import { judgeEstimate, mayRate, planIncident, type SeveritySettings } from './policy/severity.ts';
import type { IncidentRecord } from './record/record.ts';
import type { Severity } from './settings.ts';
import { SEVERITIES } from './settings.ts';

/** What somebody, or something, reports. */
export interface IncidentReport {
  /** Of the incident that it is about; where none has it, the new one gets it. */
  id?: string;
  /** The id was named by whoever reports: it must be one that is open, and is rated anew. */
  names?: true;
  /** What it is about, such as the group of an alert: while one of this key is open, it is that one. */
  key?: string;
  summary: string;
  severity?: Severity;
  by: string;
  verified: boolean;
  /** Its source says that it is over. */
  over?: true;
}

/** That an incident is no reason to go back. */
export interface Dismissal {
  /** Which one; needed where several are open. */
  id?: string;
  by: string;
  reason: string;
  /** How long a hotfix of a medium one will take, in milliseconds. */
  estimateMs?: number;
}

export interface IncidentRules {
  severity: SeveritySettings;
  rollbackOnFailure: boolean;
}

export type Taken = { incident: IncidentRecord } | { refused: string };

/** What the incidents that are open demand now. Times in milliseconds. */
export type Demand =
  | { go: 'on' }
  | { go: 'back'; because: IncidentRecord; how: string }
  | { go: 'wait'; worst: IncidentRecord; until?: number };

/** So many may be open at once: more is a flood, and whoever answers has enough to decide. */
export const MOST_OPEN = 50;

/** A short name that people can type, different for everything that differs in `about`. */
export function nameIncident(about: object): string {
  return `inc-${digestOf(about).slice('sha256:'.length, 'sha256:'.length + 8)}`;
}

/** Those that nobody has settled, the worst first, of equals the oldest. */
export function listOpen(incidents: readonly IncidentRecord[]): IncidentRecord[] {
  const rank = (one: IncidentRecord) => SEVERITIES.indexOf(one.severity);
  return incidents
    .filter((one) => one.resolution === undefined)
    .toSorted((a, b) => rank(a) - rank(b) || (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

/** The incident that a report is about, if it is a known one; of those without an id or a key, by the same words. */
export function findReported(
  incidents: readonly IncidentRecord[],
  { id, key, summary, names }: Pick<IncidentReport, 'id' | 'key' | 'summary' | 'names'>,
): IncidentRecord | undefined {
  const byId = id === undefined ? undefined : incidents.find((one) => one.id === id);
  if (byId || names) return byId;
  return listOpen(incidents).find((one) =>
    key === undefined ? one.key === undefined && one.summary === summary : one.key === key,
  );
}

/**
 * What a report does: an incident of its own, a worse rating of one that is reported again, or, named by its id, any
 * rating. `at` is ISO 8601; `version`: what production runs; `within`: where it is reported.
 */
export function takeReport(
  incidents: readonly IncidentRecord[],
  report: IncidentReport,
  rules: IncidentRules,
  { at, version, within }: { at: string; version?: string; within: string },
): Taken {
  const known = findReported(incidents, report);
  if (known && known.resolution !== undefined)
    return { refused: `${known.id} is settled: ${known.resolution}` };
  if (report.over) {
    return known
      ? { incident: known.over === undefined ? { ...known, over: at } : known }
      : { refused: 'no incident that is open is about it' };
  }
  if (known) return rate(known, report, rules, at);
  if (report.names) return { refused: `there is no incident ${report.id ?? ''}` };
  if (listOpen(incidents).length >= MOST_OPEN) {
    return { refused: `${MOST_OPEN} incidents are open already: answer those first` };
  }
  const { severity = 'high', key, summary } = report;
  const incident: IncidentRecord = {
    id: report.id ?? nameIncident({ at, within, key, summary, before: incidents.map((one) => one.id) }),
    at,
    severity,
    summary,
    reportedBy: report.by,
    verified: report.verified,
    ...(key === undefined ? {} : { key }),
    ...(report.severity === undefined ? { unrated: true } : {}),
    ...(version === undefined ? {} : { version }),
  };
  return { incident: plan(incident, rules, at) };
}

/** What a dismissal does. Of a medium one, an estimate that is too long sends the version back; `hotfix`: how to do one. */
export function takeDismissal(
  incidents: readonly IncidentRecord[],
  dismissal: Dismissal,
  rules: IncidentRules,
  { at, hotfix }: { at: string; hotfix: string },
): Taken {
  const refused = refuseToAnswer(incidents, dismissal.id);
  if (refused) return { refused };
  const open = listOpen(incidents);
  const incident = open.find((one) => one.id === dismissal.id) ?? open[0];
  if (!incident) return { refused: 'no incident is open' };
  const { by, reason, estimateMs } = dismissal;
  const judged = incident.severity === 'medium' ? judgeEstimate(estimateMs, rules.severity) : 'dismissed';
  if (judged === 'roll_back') {
    const takes = nameDuration(estimateMs ?? 0);
    return { incident: { ...incident, goesBack: `${by} estimates that a hotfix takes ${takes}` } };
  }
  const resolution =
    judged === 'hotfix' ? `${by} hotfixes it instead: ${hotfix}` : `dismissed by ${by}: ${reason}`;
  return { incident: { ...incident, resolution, settledAt: at } };
}

/** Why an answer is none to any incident that is open: it names another one, or it could be meant for several. */
export function refuseToAnswer(
  incidents: readonly IncidentRecord[],
  id: string | undefined,
): string | undefined {
  const open = listOpen(incidents);
  if (id === undefined) {
    if (open.length > 0 && open.every((one) => one.goingSince !== undefined))
      return 'the incidents are answered: the version goes back';
    if (open.length === 1) return undefined;
    return open.length === 0
      ? 'no incident is open'
      : `several incidents are open: say which one. ${sayOpen(open)}`;
  }
  const named = open.find((one) => one.id === id);
  if (named?.goingSince !== undefined) return `${named.id} is answered: the version goes back`;
  if (named) return undefined;
  const settled = incidents.find((one) => one.id === id)?.resolution;
  return settled === undefined
    ? `there is no incident ${id}. ${sayOpen(open)}`
    : `${id} is settled: ${settled}`;
}

/** The worst one decides: what is critical, or past its deadline, sends the version back. `now` in milliseconds. */
export function decideIncidents(
  incidents: readonly IncidentRecord[],
  rules: IncidentRules,
  now: number,
): Demand {
  const open = listOpen(incidents);
  const [worst] = open;
  if (!worst) return { go: 'on' };
  const atOnce = open.find((one) => planOf(one, rules).act === 'roll_back');
  if (atOnce) return { go: 'back', because: atOnce, how: 'rolled back at once' };
  const decided = open.find((one) => one.goesBack !== undefined);
  if (decided) return { go: 'back', because: decided, how: `rolled back: ${decided.goesBack}` };
  const [next] = open
    .flatMap((one) => (one.deadline === undefined ? [] : [{ one, until: Date.parse(one.deadline) }]))
    .toSorted((a, b) => a.until - b.until);
  if (next === undefined) return { go: 'wait', worst };
  if (next.until <= now) return { go: 'back', because: next.one, how: 'rolled back by deadline' };
  return { go: 'wait', worst, until: next.until };
}

/** Every open one as it stands while the version goes back: nobody can answer it any more, and nothing has settled it. */
export function markGoing(incidents: readonly IncidentRecord[], at: string): IncidentRecord[] {
  return incidents.map((one) =>
    one.resolution !== undefined || one.goingSince !== undefined ? one : { ...one, goingSince: at },
  );
}

/** Every open one as it stands once the version goes back because of one of them. */
export function settleAll(
  incidents: readonly IncidentRecord[],
  because: IncidentRecord | undefined,
  how: string,
  at: string,
): IncidentRecord[] {
  return incidents.map((one) => {
    if (one.resolution !== undefined) return one;
    const alone = because === undefined || one.id === because.id;
    return { ...one, resolution: alone ? how : `${how}, with ${because.id}`, settledAt: at };
  });
}

/** What people are asked while incidents wait, worst first: why, and which answers there are. */
export function askAbout(
  incidents: readonly IncidentRecord[],
  rules: IncidentRules,
): { reason: string; actions: string[] } {
  const open = listOpen(incidents);
  const actions = new Set(open.flatMap((one) => asksOf(one, rules)));
  const [worst, ...others] = open;
  if (!worst) return { reason: '', actions: [] };
  const question =
    worst.severity === 'medium'
      ? `is a hotfix quick (dismiss with an estimate of at most ${nameDuration(rules.severity.quickHotfixMs)})?`
      : 'roll back or dismiss?';
  const until = open.flatMap((one) => one.deadline ?? []).toSorted()[0];
  const then = until ? `It rolls back by itself at ${until}` : 'It is not rolled back by itself';
  const more = others.length === 0 ? '' : `. ${others.length} more: ${others.map(sayIncident).join('; ')}`;
  return {
    reason: `${sayIncident(worst)}. ${question} ${then}${more}`.slice(0, 2_000),
    actions: [...actions],
  };
}

/** An incident in a few words: how bad, what, and its id. */
export function sayIncident(incident: IncidentRecord): string {
  const over = incident.over === undefined ? '' : `, over by its source since ${incident.over}`;
  return `${sayRating(incident)}: ${incident.summary} (${incident.id}${over})`;
}

/** How bad an incident is taken to be. */
export function sayRating({ unrated, severity }: IncidentRecord): string {
  return unrated ? 'severity not known, treated as high' : severity;
}

function sayOpen(open: IncidentRecord[]): string {
  return open.length === 0 ? 'None is open' : `Open: ${open.slice(0, 10).map(sayIncident).join('; ')}`;
}

function planOf(incident: IncidentRecord, rules: IncidentRules) {
  const severity = incident.unrated ? undefined : incident.severity;
  return planIncident(severity, rules.severity, rules.rollbackOnFailure);
}

function asksOf(incident: IncidentRecord, rules: IncidentRules): string[] {
  const now = planOf(incident, rules);
  return now.act === 'wait' ? now.asks : [];
}

/** With its deadline, which counts from the report whatever it is rated as meanwhile. */
function plan(incident: IncidentRecord, rules: IncidentRules, at: string): IncidentRecord {
  const { deadline: _before, ...rest } = incident;
  const now = planOf(incident, rules);
  if (now.act === 'open_issue')
    return { ...rest, resolution: 'an issue for the next release', settledAt: at };
  if (now.act === 'roll_back' || now.deadlineMs === undefined) return rest;
  return { ...rest, deadline: new Date(Date.parse(rest.at) + now.deadlineMs).toISOString() };
}

/** By its id it may be made less bad by whoever is known; what is only reported again can make it worse. */
function rate(known: IncidentRecord, report: IncidentReport, rules: IncidentRules, at: string): Taken {
  const { over: _fires, ...firing } = known;
  const { severity } = report;
  const now = known.unrated ? undefined : known.severity;
  const lower = report.names === true && report.verified;
  if (severity === undefined || severity === now || !mayRate(now, severity, lower)) {
    // Said again: nothing has changed, unless it was over meanwhile.
    if (!report.names) return { incident: known.over === undefined ? known : firing };
    if (severity === now) return { incident: known };
    return {
      refused: severity === undefined ? 'it says no severity' : 'only a signed word makes it less bad',
    };
  }
  const { unrated: _rated, ...rated } = firing;
  return { incident: plan({ ...rated, severity, ratedBy: report.by }, rules, at) };
}
