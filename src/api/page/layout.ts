import type { Principal } from '../auth/principal.ts';
import { type Html, html, type Inner, render } from './html.ts';

export interface Layout {
  title: string;
  /** Nobody: the sign-in page. */
  principal?: Principal | undefined;
  body: Inner;
  /** Where page.js listens for news, and what state the page shows. */
  live?: { events: string; fragment: string };
}

/** A whole page. Works without scripts; page.js only keeps it fresh. */
export function renderPage({ title, principal, body, live }: Layout): string {
  return render(html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Windlass</title>
<link rel="stylesheet" href="/page.css">
<link rel="icon" href="/icon.svg" type="image/svg+xml">
${live && html`<script src="/page.js" defer></script>`}
</head>
<body${live && html` data-events="${live.events}" data-fragment="${live.fragment}"`}>
<a class="skip" href="#main">Skip to the content</a>
<header class="top">
<a class="brand" href="/">Windlass</a>
${principal && renderWho(principal)}
</header>
<main id="main">
${live && html`<p id="news" class="news" role="status"></p>`}
${body}
</main>
</body>
</html>
`);
}

function renderWho(principal: Principal): Html {
  return html`<form class="who" method="post" action="/sign-out">
<span>${principal.displayName}</span>
<input type="hidden" name="csrf" value="${principal.csrf ?? ''}">
<button type="submit" class="quiet">Sign out</button>
</form>`;
}

/** A time for machines and people. */
export function renderTime(iso: string | undefined): Html | undefined {
  if (iso === undefined || iso === '') return undefined;
  return html`<time datetime="${iso}">${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC</time>`;
}
