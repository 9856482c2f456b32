import type { Problem } from '../problem.ts';
import { html } from './html.ts';
import { renderPage } from './layout.ts';

/** An error on a page: what happened and what to do. */
export function renderProblem(problem: Problem, instance: string): string {
  return renderPage({
    title: problem.title,
    body: html`<h1>${problem.title}</h1>
<p class="problem">${problem.detail}</p>
<p>What to do: ${problem.hint}.</p>
<p><a href="/">All releases</a></p>
<p class="dim">${problem.status} · ${instance}</p>`,
  });
}
