import { type ApprovalGate, nameMissing } from '../../release/approvals.ts';
import { nameDuration } from '../../release/duration.ts';
import { describeApprovers } from '../../release/policy/approvers.ts';
import { nameGate } from '../../release/policy/gates.ts';
import { PHASES, type ReleaseRecord, type StepRecord } from '../../release/record/record.ts';
import { listLogs } from '../../release/record/step-logs.ts';
import { describeTimeline } from '../../release/record/timeline/describe-event.ts';
import { failedSteps, nameWaiting, waitingReason, waitingSince } from '../../release/views/advice.ts';
import { viewChecklist } from '../../release/views/mission-checklist.ts';
import { nameOutcome, namePhase, nameRole, nameStatus } from '../../release/views/words.ts';
import type { Principal } from '../auth/principal.ts';
import type { Action } from '../commands/list-actions.ts';
import type { FlowKind } from '../flows.ts';
import { labelAction, wordAction } from './action-words.ts';
import { renderChart } from './chart.ts';
import { type Html, html } from './html.ts';
import { renderPage, renderTime } from './layout.ts';
import { renderMarkdown } from './markdown.ts';
import { logPath, pagePath, reportPath } from './paths.ts';

export interface ReleasePage {
  principal: Principal;
  record: ReleaseRecord;
  kind: FlowKind;
  open: boolean;
  actions: Action[];
  /** Release notes, Markdown; absent while nothing is planned. */
  notes?: string;
  temporalUrl?: string;
  /** What production runs now, of a release that has ended. */
  runs?: string[];
  /** Why nothing of it is to be believed. */
  unverified?: string;
  /** Why the configuration stops its product. */
  stopped?: string;
  now: Date;
  /** What was just sent. */
  done?: string;
}

/** One release: where it is, what it waits for, what is in it, who decided what, and this person's buttons. */
export function renderRelease(page: ReleasePage): string {
  const { record } = page;
  const flow = { product: record.product, kind: page.kind };
  return renderPage({
    title: record.title,
    principal: page.principal,
    live: { events: `/v1${pagePath(flow, '/events')}`, fragment: pagePath(flow, '/live') },
    body: html`${page.done && html`<p class="done" role="status">Sent: ${page.done.replaceAll('_', ' ')}. The release itself has the last word.</p>`}
<div id="live">${renderLive(page)}</div>`,
  });
}

/** The part that changes, for the whole page and for page.js alike. */
export function renderLive(page: ReleasePage): Html {
  const { record } = page;
  // Whoever is asked for a decision sees first what it is about.
  const decides = record.approvals.some(({ status }) => status === 'open');
  return html`<div data-summary="${renderHeadline(record)}">
<h1>${record.title}</h1>
${page.unverified && html`<section class="problem" role="alert"><h2>Not verified</h2><p>${page.unverified}. Do not rely on what stands below, and approve nothing of it: find out who started this workflow in the Temporal namespace, and end it there.</p></section>`}
${page.stopped && html`<section class="problem" role="alert"><h2>Stopped by its configuration</h2><p>${page.stopped}. Nothing new is begun; it goes on by itself once the file is mended (<code>windlass config check</code>).</p></section>`}
${renderWhere(page)}
${renderFailures(page)}
${decides && renderPlan(record, page.notes)}
${renderActions(page)}
${!decides && renderPlan(record, page.notes)}
${renderChecklist(record)}
${renderApprovals(record)}
${renderEnvironments(record)}
${renderMonitoring(page)}
${renderLogs(page)}
${renderTimeline(record)}
${renderFoot(page)}
</div>`;
}

function renderHeadline(record: ReleaseRecord): string {
  const waits = nameWaiting(record);
  if (record.outcome) return `${record.title}: ${nameOutcome(record.outcome)}`;
  return waits ? `${record.title} waits for ${waits}` : `${record.title}: ${namePhase(record.phase)}`;
}

function renderWhere({ record, now, runs = [] }: ReleasePage): Html {
  const waits = nameWaiting(record);
  const since = waitingSince(record);
  const place = PHASES.indexOf(record.phase) + 1;
  return html`<section class="where" aria-label="Where it is">
${
  record.outcome === undefined
    ? html`<p><strong>${namePhase(record.phase)}</strong> <span class="dim">${place} of ${PHASES.length}</span>
<progress value="${place}" max="${PHASES.length}" aria-label="Phases"></progress></p>`
    : html`<p class="outcome ${record.outcome}"><strong>${nameOutcome(record.outcome)}</strong> ${renderTime(record.endedAt)}<br>${record.ending}</p>`
}
${
  waits &&
  html`<p class="waits">Waits for <strong>${waits}</strong>${since && html`, since ${renderTime(since)} (${nameDuration(now.getTime() - Date.parse(since))})`}.${renderReason(record)}</p>`
}
${record.blockers.length > 0 && html`<ul class="problem" aria-label="Blockers">${record.blockers.map((blocker) => html`<li>${blocker}</li>`)}</ul>`}
${runs.length > 0 && html`<p>Production runs <strong>${runs.join(', ')}</strong> now.</p>`}
${record.remains.length > 0 && html`<p>What remains:</p><ul>${record.remains.map((left) => html`<li>${left}</li>`)}</ul>`}
</section>`;
}

function renderReason(record: ReleaseRecord): Html | undefined {
  const reason = waitingReason(record);
  return reason === undefined ? undefined : html` ${reason}`;
}

function renderFailures({ record, kind }: ReleasePage): Html | undefined {
  const failed = failedSteps(record);
  if (failed.length === 0) return undefined;
  return html`<section class="problem" aria-labelledby="failed"><h2 id="failed">What failed</h2>
${failed.map(
  (step) => html`<h3>${step.title} <span class="dim">try ${step.attempts}</span></h3>
<dl><dt>What happened</dt><dd>${step.failure?.what}</dd>
<dt>What changed</dt><dd>${step.failure?.changed}</dd>
<dt>What to do</dt><dd>${step.failure?.next}</dd></dl>
${step.failure?.logTail && html`<details><summary>End of the log</summary><pre tabindex="0">${step.failure.logTail}</pre></details>`}
${listLogs(step).length > 0 && html`<p>${renderLogLink(record, kind, step, 'Whole log')}</p>`}`,
)}</section>`;
}

function renderLogLink(record: ReleaseRecord, kind: FlowKind, step: StepRecord, text: string): Html {
  return html`<a href="${logPath({ product: record.product, kind }, step.id)}">${text}</a>`;
}

/** What its scripts wrote, step by step. */
function renderLogs({ record, kind }: ReleasePage): Html | undefined {
  const steps = record.steps.filter((step) => listLogs(step).length > 0);
  if (steps.length === 0) return undefined;
  return html`<section aria-labelledby="logs"><h2 id="logs">Logs</h2>
<ul>${steps.map((step) => html`<li>${renderLogLink(record, kind, step, step.title)}</li>`)}</ul></section>`;
}

function renderActions({ record, kind, actions }: ReleasePage): Html | undefined {
  if (actions.length === 0) return undefined;
  const flow = { product: record.product, kind };
  return html`<section aria-labelledby="actions"><h2 id="actions">What you may do</h2>
<ul class="buttons">${actions.map((action) => {
    const href =
      action.command === 'edit_notes'
        ? pagePath(flow, '/edit')
        : pagePath(flow, `/act/${action.command}`, { gate: action.gate });
    const look = action.command === 'approve' ? 'main' : wordAction(action.command).danger ? 'danger' : '';
    return html`<li><a class="button ${look}" id="do-${action.command}-${action.gate ?? ''}" href="${href}">${labelAction(action)}</a></li>`;
  })}</ul></section>`;
}

/** What a version brings, where it can be looked at, and what speaks against it. */
export function renderPlan(record: ReleaseRecord, notes: string | undefined): Html | undefined {
  const { plan } = record;
  if (!plan) return undefined;
  const risks = [...plan.concerns, ...plan.warnings];
  const staging = record.environments.findLast((environment) => environment.kind === 'staging');
  return html`<section aria-labelledby="plan"><h2 id="plan">What is in it</h2>
<dl class="facts">
<dt>Version</dt><dd>${plan.previousVersion ?? 'first release'} → <strong>${plan.version}</strong> (${plan.type})</dd>
<dt>In short</dt><dd>${plan.highlights}</dd>
<dt>Staging</dt><dd>${staging ? renderLink(staging.url) : 'not there yet'}</dd>
<dt>Concerns and risks</dt><dd>${risks.length > 0 ? html`<ul>${risks.map((risk) => html`<li>${risk}</li>`)}</ul>` : 'none known'}</dd>
</dl>
${notes !== undefined && html`<details><summary>Release notes</summary><div class="notes">${renderMarkdown(notes)}</div></details>`}
<details><summary>Included: ${plan.includedTotal}</summary>
<ul>${plan.included.map((change) => html`<li>${change.subject} <code>${change.sha.slice(0, 10)}</code></li>`)}</ul>
${plan.includedTotal > plan.included.length && html`<p>and ${plan.includedTotal - plan.included.length} more, in the notes</p>`}
</details></section>`;
}

/** A link only where it leads to the web; anything else stays text. */
function renderLink(url: string, text = url): Html {
  return /^https?:\/\/[A-Za-z0-9[]/.test(url)
    ? html`<a href="${url}" rel="noopener noreferrer">${text}</a>`
    : html`${text}`;
}

function renderChecklist(record: ReleaseRecord): Html {
  return html`<section aria-labelledby="checklist"><h2 id="checklist">Checklist</h2><div class="columns">
${viewChecklist(record).map(
  (section) =>
    html`<div><h3>${section.title}</h3><ul class="checklist">${section.items.map(
      (item) =>
        html`<li class="${item.status}"><span class="mark">${nameStatus(item.status)}</span> ${item.label}${item.detail && item.status !== 'done' && html`<br><span class="dim">${item.detail}</span>`}</li>`,
    )}</ul></div>`,
)}</div></section>`;
}

function renderApprovals(record: ReleaseRecord): Html | undefined {
  if (record.approvals.length === 0 && record.voided.length === 0) return undefined;
  return html`<section aria-labelledby="approvals"><h2 id="approvals">Who decided what</h2>
${record.approvals.map(
  (
    gate,
  ) => html`<div id="${gate.key}" class="gate ${gate.status}"><h3>${gate.title} <span class="mark">${gate.status}</span></h3>
<p class="dim">Asks for ${describeApprovers(gate.required, nameRole).join(', ')}${describeOpen(gate)}; opened ${renderTime(gate.openedAt)}</p>
${gate.asks && gate.asks.length > 0 && html`<ul>${gate.asks.map((ask) => html`<li>${ask}</li>`)}</ul>`}
<ul>${gate.decisions.map((decision) => html`<li><strong>${decision.person}</strong> as ${nameRole(decision.role)} ${decision.decision === 'approve' ? 'approved' : 'rejected'} ${renderTime(decision.at)}${decision.reason && html`: ${decision.reason}`}</li>`)}</ul></div>`,
)}
${record.voided.length > 0 && html`<p class="dim">Counts no more (another plan, or its time is over): ${record.voided.map((decision) => `${decision.person} (${decision.gate})`).join(', ')}</p>`}
</section>`;
}

/** Of an open gate that some have approved: what is still missing. */
function describeOpen(gate: ApprovalGate): string {
  if (gate.status !== 'open' || gate.decisions.length === 0) return '';
  return `; still missing: ${nameMissing(gate, nameRole).join(', ')}`;
}

function renderEnvironments(record: ReleaseRecord): Html | undefined {
  if (record.environments.length === 0 && record.publications.length === 0) return undefined;
  return html`<section aria-labelledby="environments"><h2 id="environments">Where it runs</h2>
${record.environments.map(
  (environment) => html`<h3>${environment.name}</h3>
<p>${environment.version ? html`runs <strong>${environment.version}</strong>` : 'not deployed yet'}${environment.strategy && html` (${environment.strategy})`}${environment.monitoring && html`, watch ${environment.monitoring.status.replaceAll('_', ' ')}`}, ${renderLink(environment.url)}</p>
${
  environment.share !== undefined &&
  html`<p><label>Traffic on ${record.plan?.version ?? 'the new version'}: ${environment.share} % <progress value="${environment.share}" max="100"></progress></label></p>`
}`,
)}
${record.publications.length > 0 && html`<ul>${record.publications.map((publication) => html`<li>${publication.registry}: ${renderLink(publication.url, publication.name)} <span class="dim">${publication.tags.join(', ')}</span></li>`)}</ul>`}
</section>`;
}

function renderMonitoring({ record, kind }: ReleasePage): Html | undefined {
  const flow = { product: record.product, kind };
  const { monitoring, gates } = record;
  if (!monitoring && gates.length === 0 && record.incidents.length === 0) return undefined;
  return html`<section aria-labelledby="monitoring"><h2 id="monitoring">Gates and monitoring</h2>
${renderGates(record, flow)}
${
  monitoring &&
  html`<p>${monitoring.level} monitoring, <strong>${monitoring.status.replaceAll('_', ' ')}</strong>: ${nameDuration(monitoring.observedMs)} of ${nameDuration(monitoring.windowMs)} observed
<progress value="${Math.min(monitoring.observedMs, monitoring.windowMs)}" max="${monitoring.windowMs}" aria-label="Observed time"></progress><br>${monitoring.reason}</p>
<ul class="checks">${monitoring.checks.map((check) => html`<li><strong>${check.name}</strong>: ${check.verdict} ${renderChart(check.name, check.points ?? [])}<br><span class="dim">${check.reason}</span></li>`)}</ul>`
}
${record.incidents.length > 0 && html`<ul>${record.incidents.map((incident) => html`<li class="problem"><strong>${incident.severity}</strong> ${renderTime(incident.at)}: ${incident.summary} (<code>${incident.id}</code>, ${incident.reportedBy}${!incident.verified && ', unverified'})${incident.over && html`; over by its source ${renderTime(incident.over)}`}${incident.goingSince ? !incident.resolution && html`; the version goes back since ${renderTime(incident.goingSince)}` : incident.deadline && html`; rolls back ${renderTime(incident.deadline)}`}${incident.resolution && html`; ${incident.resolution}`}</li>`)}</ul>`}
</section>`;
}

/** How each gate ended, with its report. */
export function renderGates({ gates }: ReleaseRecord, flow: { product: string; kind: FlowKind }): Html {
  return html`<ul>${gates.map((gate) => html`<li>${nameGate(gate)}: <strong>${gate.result.replaceAll('_', ' ')}</strong> <span class="dim">${gate.summary}</span>${gate.report && html` <a href="${reportPath(flow, gate.gate)}">Report</a>`}</li>`)}</ul>`;
}

function renderTimeline(record: ReleaseRecord): Html {
  const shown = describeTimeline(record, 60).reverse();
  return html`<section aria-labelledby="timeline"><h2 id="timeline">Timeline</h2>
<details><summary>${record.timelineTotal} entries${record.refusalCount > 0 && `, ${record.refusalCount} refused commands`}</summary>
<ol class="timeline" reversed>${shown.map(({ at, what, by }) => html`<li>${renderTime(at)} ${what}${by && html` <span class="dim">${by}</span>`}</li>`)}</ol>
</details></section>`;
}

function renderFoot({ record, temporalUrl }: ReleasePage): Html {
  return html`<footer class="dim"><p>${record.releaseId} · asked for by ${record.request.requestedBy} through ${record.request.via} ${renderTime(record.request.requestedAt)}${record.round > 1 && ` · plan ${record.round}`}
${record.links.map((link) => html` · ${renderLink(link.url, link.name)}`)}${temporalUrl && html` · ${renderLink(temporalUrl, 'in Temporal')}`}</p></footer>`;
}
