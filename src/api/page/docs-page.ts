import { type Html, html } from './html.ts';
import { renderPage } from './layout.ts';

interface Operation {
  summary?: string;
  description?: string;
  tags?: string[];
  parameters?: { name: string; in: string; required?: boolean; description?: string }[];
  requestBody?: { content?: Record<string, { schema?: unknown }> };
  responses?: Record<string, { description?: string }>;
  security?: unknown[];
}

/** The API's own description, readable: every route with what it takes and answers. */
export function renderDocs(description: { paths?: Record<string, Record<string, Operation>> }): string {
  const operations = Object.entries(description.paths ?? {}).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const tags = [...new Set(operations.map(({ operation }) => operation.tags?.[0] ?? 'other'))];
  return renderPage({
    title: 'API',
    body: html`<h1>HTTP API</h1>
<p>OpenAPI 3.1: <a href="/openapi.json">/openapi.json</a>. Send <code>Authorization: Bearer TOKEN</code>, and an <code>Idempotency-Key</code> with every POST. Errors are problem documents (RFC 9457) with a <code>hint</code>.</p>
${tags.map(
  (tag) => html`<section aria-labelledby="tag-${tag}"><h2 id="tag-${tag}">${tag}</h2>
${operations.filter(({ operation }) => (operation.tags?.[0] ?? 'other') === tag).map(renderOperation)}</section>`,
)}`,
  });
}

function renderOperation({
  path,
  method,
  operation,
}: {
  path: string;
  method: string;
  operation: Operation;
}): Html {
  const body = operation.requestBody?.content?.['application/json']?.schema;
  return html`<details><summary><code>${method.toUpperCase()} ${path}</code> ${operation.summary}</summary>
${operation.description && html`<p>${operation.description}</p>`}
<ul>${(operation.parameters ?? []).map((one) => html`<li><code>${one.name}</code> (${one.in}${one.required && ', required'}) ${one.description}</li>`)}</ul>
${body !== undefined && html`<p>Body:</p><pre tabindex="0">${JSON.stringify(body, undefined, 2)}</pre>`}
<p>Answers: ${Object.keys(operation.responses ?? {}).join(', ')}</p></details>`;
}
