/**
 * What Alertmanager sends (Grafana's webhook has the same form): a group of alerts is one incident for each product
 * that it is about, however often it is sent and whatever else begins or ends to fire in it.
 */
import { createHash } from 'node:crypto';
import { SEVERITIES, type Severity } from '../../release/settings.ts';
import type { Principal } from '../auth/principal.ts';
import type { ApiDeps } from '../deps.ts';
import { ApiProblem } from '../problem.ts';
import { reportIncident, reportOver } from './answer-production.ts';

export const ALERT_STATUSES = ['firing', 'resolved'] as const;

/** One alert as it is sent. `startsAt` is ISO 8601. */
export interface Alert {
  status: (typeof ALERT_STATUSES)[number];
  labels: Record<string, string>;
  annotations?: Record<string, string> | undefined;
  startsAt?: string | undefined;
  fingerprint?: string | undefined;
}

/** What is sent at once: alerts of one group, where the sender groups them. */
export interface AlertGroup {
  groupKey?: string | undefined;
  alerts: Alert[];
}

export interface TakenAlerts {
  taken: { product: string; summary: string; severity: Severity }[];
  resolved: { product: string; summary: string }[];
  ignored: { summary: string; reason: string }[];
}

/** What is reported: the alerts of one product that are one thing. */
interface Report {
  product: string;
  /** What it is about: the same for the same group, or alert. */
  about: string;
  alerts: Alert[];
}

/** Reports of one delivery that are looked at; a release needs no more to be in trouble. */
const MOST_REPORTS = 50;

/** Reports what fires, and notes what is over. @throws ApiProblem 403, 503: then the sender comes again. */
export async function takeAlerts(
  deps: ApiDeps,
  principal: Principal,
  group: AlertGroup,
): Promise<TakenAlerts> {
  const answer: TakenAlerts = { taken: [], resolved: [], ignored: [] };
  for (const report of listReports(group).slice(0, MOST_REPORTS)) {
    const { product, about, alerts } = report;
    const firing = alerts.filter(({ status }) => status === 'firing');
    const summary = summarise(firing.length > 0 ? firing : alerts);
    try {
      if (firing.length === 0) {
        await reportOver(deps, principal, {
          name: 'incident',
          product,
          comment: summary,
          incidentKey: keyOf(about),
          over: true,
        });
        answer.resolved.push({ product, summary });
        continue;
      }
      const severity = worst(firing);
      await reportIncident(deps, principal, {
        name: 'incident',
        product,
        comment: summary,
        severity,
        incidentKey: keyOf(about),
        key: nameDelivery(about, product, severity, firing),
      });
      answer.taken.push({ product, summary, severity });
    } catch (error) {
      // One alert about something else must not keep the others out; what is away is tried again by the sender.
      if (!(error instanceof ApiProblem) || ![404, 409, 422].includes(error.problem.status)) throw error;
      answer.ignored.push({ summary, reason: error.problem.detail });
    }
  }
  return answer;
}

function listReports({ groupKey, alerts }: AlertGroup): Report[] {
  const reports = new Map<string, Report>();
  for (const [at, alert] of alerts.entries()) {
    const product = alert.labels['product'] ?? '';
    const alone = `alert/${alert.fingerprint ?? `${alert.labels['alertname'] ?? ''}/${at}`}`;
    const about = groupKey === undefined ? alone : `group/${groupKey}`;
    const id = JSON.stringify([about, product]);
    const report = reports.get(id) ?? { product, about, alerts: [] };
    report.alerts.push(alert);
    reports.set(id, report);
  }
  return [...reports.values()];
}

/** The key of an incident, of one length whatever the sender calls its groups. */
function keyOf(about: string): string {
  return `alert/${digest(about)}`;
}

/** The same for a delivery that only repeats what fired before: senders do that every few hours. */
function nameDelivery(about: string, product: string, severity: Severity, firing: Alert[]): string {
  const parts = firing
    .map(
      ({ fingerprint, labels, startsAt }) => `${fingerprint ?? labels['alertname'] ?? ''}/${startsAt ?? ''}`,
    )
    .toSorted();
  return `alert/${digest(JSON.stringify([about, product, severity, parts]))}`;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

function summarise(alerts: Alert[]): string {
  const [first] = alerts;
  const text = first?.annotations?.['summary'] ?? first?.labels['alertname'] ?? 'alert';
  const clean =
    text
      .replace(/[\u0000-\u001f\u007f]+/g, ' ')
      .trim()
      .slice(0, 450) || 'alert';
  return alerts.length > 1 ? `${clean} (and ${alerts.length - 1} more of its group)` : clean;
}

function worst(alerts: Alert[]): Severity {
  const severities = alerts.map(({ labels }) => readSeverity(labels['severity']));
  return SEVERITIES.find((one) => severities.includes(one)) ?? 'high';
}

/** Alertmanager's usual words for our severities; what is not known is high, so that somebody looks. */
function readSeverity(label: string | undefined): Severity {
  const word = label?.toLowerCase() ?? '';
  const known = SEVERITIES.find((one) => one === word);
  if (known) return known;
  if (word === 'warning' || word === 'warn') return 'medium';
  return word === 'info' || word === 'none' ? 'low' : 'high';
}
