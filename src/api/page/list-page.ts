import { nameRole } from '../../release/views/words.ts';
import type { Principal } from '../auth/principal.ts';
import type { FlowKind } from '../flows.ts';
import type { ReleaseListing } from '../gateway.ts';
import { type Html, html } from './html.ts';
import { renderPage, renderTime } from './layout.ts';
import { pagePath } from './paths.ts';

export interface ListPage {
  principal: Principal;
  open: ReleaseListing[];
  /** In flight, and not listed. */
  moreOpen: number;
  closed: ReleaseListing[];
  /** Where the list of past ones goes on. */
  older?: string;
  waiting: { product: string; kind: FlowKind; title: string; gate: string; openedAt: string }[];
  /** In flight, and not looked at for this person. */
  moreWaiting: number;
  /** Products that this person may start. */
  startable: { name: string; title: string }[];
  /** Why products are stopped, a sentence each. */
  stopped: string[];
}

/** What is in flight, what waits for this person, and what was. */
export function renderList(page: ListPage): string {
  return renderPage({
    title: 'Releases',
    principal: page.principal,
    body: html`<h1>Releases</h1>
${page.stopped.length > 0 && renderStopped(page.stopped)}
${page.waiting.length + page.moreWaiting > 0 && renderWaiting(page.waiting, page.moreWaiting)}
<section aria-labelledby="flight"><h2 id="flight">In flight</h2>
${page.open.length > 0 ? renderTable(page.open, true) : html`<p class="dim">Nothing is in flight.</p>`}
${sayMore(page.moreOpen)}
</section>
${page.startable.length > 0 && renderStart(page.startable)}
<section aria-labelledby="past"><h2 id="past">Past</h2>
${page.closed.length > 0 ? renderTable(page.closed, false) : html`<p class="dim">No release has ended yet.</p>`}
${page.older && html`<p><a href="/?older=${page.older}#past">Older ones</a></p>`}
</section>`,
  });
}

function renderStopped(stopped: string[]): Html {
  return html`<section class="problem" role="alert" aria-labelledby="stopped"><h2 id="stopped">Stopped by the configuration</h2>
<ul>${stopped.map((why) => html`<li>${why}.</li>`)}</ul>
<p>All other products go on; these do once the file is mended (<code>windlass config check</code>).</p></section>`;
}

function sayMore(more: number): Html | false {
  return more > 0 && html`<p class="dim">${String(more)} more.</p>`;
}

function renderWaiting(waiting: ListPage['waiting'], more: number): Html {
  return html`<section class="call" aria-labelledby="mine"><h2 id="mine">Waits for you</h2>
<ul>${waiting.map((one) => html`<li><a href="${pagePath(one)}#${one.gate}">${one.title}</a> <span class="dim">since ${renderTime(one.openedAt)}</span></li>`)}</ul>
${sayMore(more)}
</section>`;
}

function renderTable(releases: ReleaseListing[], open: boolean): Html {
  return html`<div class="wide"><table>
<thead><tr><th scope="col">Product</th><th scope="col">Version</th><th scope="col">${open ? 'Where' : 'Outcome'}</th><th scope="col">${open ? 'Waits for' : 'Ended'}</th><th scope="col">Started</th></tr></thead>
<tbody>${releases.map(
    (release) => html`<tr>
<th scope="row"><a href="${pagePath(release)}">${release.product}</a>${release.kind !== 'release' && html` <span class="dim">${release.kind}</span>`}</th>
<td>${release.version ?? '–'}${release.type && html` <span class="dim">${release.type}</span>`}</td>
<td>${(open ? release.phase : release.outcome)?.replaceAll('_', ' ') ?? '–'}</td>
<td>${open ? release.waitingFor.map(nameRole).join(', ') || '–' : renderTime(release.endedAt)}</td>
<td>${renderTime(release.startedAt)}</td>
</tr>`,
  )}</tbody></table></div>`;
}

function renderStart(products: ListPage['startable']): Html {
  return html`<section aria-labelledby="start"><h2 id="start">Start a release</h2>
<ul class="buttons">${products.map((product) => html`<li><a class="button" href="/start/${product.name}">${product.title}</a></li>`)}</ul>
</section>`;
}
