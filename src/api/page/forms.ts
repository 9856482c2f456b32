import { listOpen, sayIncident } from '../../release/incidents.ts';
import type { ReleaseRecord } from '../../release/record/record.ts';
import { SEVERITIES } from '../../release/settings.ts';
import { nameRole } from '../../release/views/words.ts';
import type { Principal } from '../auth/principal.ts';
import type { Action } from '../commands/list-actions.ts';
import type { FlowKind } from '../flows.ts';
import { environmentOf, labelAction, wordAction } from './action-words.ts';
import { type Html, html } from './html.ts';
import { renderPage } from './layout.ts';
import { pagePath } from './paths.ts';
import { renderGates, renderPlan } from './release-page.ts';

/** What every form of ours sends back: whose session it is from, and the key that makes pressing twice once. */
export interface FormSeal {
  csrf: string;
  key: string;
}

/** Asks once more, with version and environment, before a command is signed. */
export function renderConfirm(page: {
  principal: Principal;
  record: ReleaseRecord;
  kind: FlowKind;
  action: Action;
  /** Release notes, Markdown; absent while nothing is planned. */
  notes?: string;
  seal: FormSeal;
}): string {
  const { record, action } = page;
  const { command, gate, role } = action;
  const words = wordAction(command);
  const version = record.plan?.version ?? 'no version yet';
  const environment = environmentOf(record, action);
  const open = record.approvals.find((candidate) => candidate.key === gate && candidate.status === 'open');
  const flow = { product: record.product, kind: page.kind };
  const path = pagePath(flow);
  return renderPage({
    title: `${labelAction(action)}?`,
    principal: page.principal,
    body: html`<h1>${labelAction(action)}?</h1>
<dl class="facts">
<dt>Release</dt><dd><strong>${record.title}</strong></dd>
<dt>Version</dt><dd><strong>${version}</strong>${record.plan?.previousVersion && html` after ${record.plan.previousVersion}`}</dd>
${environment && html`<dt>Environment</dt><dd><strong>${environment}</strong></dd>`}
${role && html`<dt>You decide as</dt><dd>${nameRole(role)}</dd>`}
</dl>
${open && renderPlan(record, page.notes)}
${open && record.gates.length > 0 && html`<section aria-labelledby="gates"><h2 id="gates">Quality gates</h2>${renderGates(record, flow)}</section>`}
<p>${words.does}</p>
${open?.asks && open.asks.length > 0 && html`<p>Look at, and answer in the comment where there is something to say:</p><ul>${open.asks.map((ask) => html`<li>${ask}</li>`)}</ul>`}
<form method="post" action="${pagePath(flow, `/act/${command}`)}">
${renderSeal(page.seal)}
${gate && html`<input type="hidden" name="gate" value="${gate}">`}
${role && html`<input type="hidden" name="role" value="${role}">`}
${open && html`<input type="hidden" name="subject" value="${open.subject}">`}
${action.answers && html`<input type="hidden" name="answers" value="${action.answers}">`}
${command === 'rollback' && record.plan && html`<input type="hidden" name="from" value="${record.plan.version}">`}
${command === 'incident' && renderSeverity()}
${(command === 'incident' || command === 'dismiss') && renderIncidents(record, command)}
${command === 'extend_monitoring' && renderExtension()}
<p><label for="comment">${command === 'incident' ? 'What is wrong' : action.needsComment ? 'Why' : 'Comment, if you like'}</label>
<textarea id="comment" name="comment" rows="3" maxlength="1000"${action.needsComment && ' required'}></textarea></p>
<p class="row"><button type="submit" class="${words.danger ? 'danger' : 'main'}">${words.button} ${version}${environment && ` in ${environment}`}</button>
<a class="button quiet" href="${path}">Back, do nothing</a></p>
</form>`,
  });
}

/** Starts a release, after asking how far the version moves. */
export function renderStartForm(page: {
  principal: Principal;
  product: { name: string; title: string };
  seal: FormSeal;
}): string {
  const { name, title } = page.product;
  return renderPage({
    title: `Release ${title}`,
    principal: page.principal,
    body: html`<h1>Release ${title}?</h1>
<p>It takes the tip of the release branch, plans the version and waits for your review before anything is published.</p>
<form method="post" action="/start/${name}">
${renderSeal(page.seal)}
<p><label for="bump">Version</label>
<select id="bump" name="bump">
<option value="auto">by the commits</option><option value="patch">patch</option><option value="minor">minor</option><option value="major">major</option>
</select></p>
<p><label for="at">Not to production before (UTC; empty: as soon as it is approved)</label>
<input id="at" name="at" type="datetime-local"></p>
<p class="row"><button type="submit" class="main">Start the release of ${title}</button> <a class="button quiet" href="/">Back, do nothing</a></p>
</form>`,
  });
}

/** Changelog entry and notes, to be edited during their review. */
export function renderEdit(page: {
  principal: Principal;
  record: ReleaseRecord;
  kind: FlowKind;
  changelog: string;
  notes: string;
  seal: FormSeal;
}): string {
  const { record } = page;
  const flow = { product: record.product, kind: page.kind };
  const path = pagePath(flow);
  return renderPage({
    title: `Edit the texts of ${record.title}`,
    principal: page.principal,
    body: html`<h1>Edit the texts of ${record.title}</h1>
<p>What you save goes into the release commit when you approve the review.</p>
<form method="post" action="${pagePath(flow, '/edit')}">
${renderSeal(page.seal)}
<p><label for="changelog">Changelog entry (Markdown)</label>
<textarea id="changelog" name="changelog" rows="16" maxlength="50000" required>
${page.changelog}</textarea></p>
<p><label for="notes">Release notes (Markdown)</label>
<textarea id="notes" name="notes" rows="16" maxlength="50000" required>
${page.notes}</textarea></p>
<p class="row"><button type="submit" class="main">Save for ${record.plan?.version ?? 'this release'}</button>
<a class="button quiet" href="${path}">Back, do nothing</a></p>
</form>`,
  });
}

/** Who are you? A token, or the code of a one-time link, which only this button uses: mail scanners press nothing. */
export function renderSignIn(page: {
  next: string;
  code?: string;
  failed?: string;
  /** What the identity provider is good for here: nothing, its tokens only, or signing in by a button. */
  provider: 'none' | 'token' | 'browser';
}): string {
  return renderPage({
    title: 'Sign in',
    body: html`<h1>Sign in</h1>
${page.failed && html`<p class="problem" role="alert">${page.failed}</p>`}
${
  page.provider === 'browser' &&
  page.code === undefined &&
  html`<p><a class="button main" href="/sign-in/provider?next=${encodeURIComponent(page.next)}">Sign in with your identity provider</a></p>
<p class="dim">Or with a token:</p>`
}
<form method="post" action="/sign-in">
<input type="hidden" name="next" value="${page.next}">
${
  page.code !== undefined
    ? html`<input type="hidden" name="code" value="${page.code}"><p>You followed a link that signs you in once.</p>`
    : html`<p><label for="token">Your token</label>
<input id="token" name="token" type="password" autocomplete="current-password" required maxlength="4096"></p>
<p class="dim">Whoever runs Windlass gives each person a token, and keeps only its digest (<code>people.NAME.token_sha256</code>). Under <code>windlass dev</code> it is in <code>.windlass/keys/token-NAME</code>, as it says at its start.${page.provider !== 'none' && ' A token of your identity provider works as well.'}</p>`
}
<p><button type="submit" class="main">Sign in</button></p>
</form>`,
  });
}

function renderSeal({ csrf, key }: FormSeal): Html {
  return html`<input type="hidden" name="csrf" value="${csrf}"><input type="hidden" name="key" value="${key}">`;
}

function renderSeverity(): Html {
  return html`<p><label for="severity">Severity</label> <select id="severity" name="severity">${SEVERITIES.map(
    (severity) =>
      html`<option value="${severity}"${severity === 'high' && html` selected`}>${severity}</option>`,
  )}</select></p>`;
}

/** Which incident it is about, where there is a choice. */
function renderIncidents(record: ReleaseRecord, command: 'incident' | 'dismiss'): Html | undefined {
  const open = listOpen(record.incidents);
  if (open.length === 0) return undefined;
  return html`<p><label for="incident">Incident</label> <select id="incident" name="incident">${command === 'incident' && html`<option value="">a new one</option>`}${open.map(
    (incident) => html`<option value="${incident.id}">${sayIncident(incident)}</option>`,
  )}</select></p>`;
}

function renderExtension(): Html {
  const choices: [string, number][] = [
    ['15 minutes', 15],
    ['1 hour', 60],
    ['4 hours', 240],
    ['1 day', 1_440],
  ];
  return html`<p><label for="minutes">By how long</label> <select id="minutes" name="minutes">${choices.map(
    ([label, minutes]) => html`<option value="${minutes}">${label}</option>`,
  )}</select></p>`;
}
