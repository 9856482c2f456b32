// Keeps an open release page fresh. Without it, or when the stream fails, the page is simply as old as its loading.
const { events, fragment } = document.body.dataset;
const live = document.getElementById('live');
const news = document.getElementById('news');

let busy = false;
let again = false;
let first = true;

/** Fetches the part that changes and puts it in place; open details and the focus stay where they were. */
async function refresh() {
  if (busy) {
    again = true;
    return;
  }
  busy = true;
  try {
    const answer = await fetch(fragment, { headers: { accept: 'text/html' }, redirect: 'error' });
    if (!answer.ok) throw new Error(String(answer.status));
    const text = await answer.text();
    const opened = [...live.querySelectorAll('details')].map((one) => one.open);
    const focused = live.contains(document.activeElement) ? document.activeElement.id : '';
    live.innerHTML = text;
    live.querySelectorAll('details').forEach((one, index) => {
      one.open = opened[index] ?? false;
    });
    if (focused) document.getElementById(focused)?.focus();
    const summary = live.firstElementChild?.dataset.summary ?? '';
    if (!first && news.textContent !== summary) news.textContent = summary;
    first = false;
  } catch {
    news.textContent = 'This page could not be brought up to date. Reload it.';
  } finally {
    busy = false;
    if (again) {
      again = false;
      refresh();
    }
  }
}

if (events && live) {
  const source = new EventSource(events);
  source.addEventListener('release', refresh);
  source.addEventListener('signed_out', () => {
    source.close();
    news.textContent = 'Your session has ended, so this page stands still. Sign in again.';
  });
  source.addEventListener('stale', () => {
    news.textContent = 'Temporal is away; this may be old. The release goes on by itself.';
  });
}
