import type { ServerResponse } from 'node:http';
import type { FakeAnswer } from './github-state.ts';

/** A fault for the requests that match `METHOD /path?query`. */
export interface Fault {
  on: RegExp;
  /** How many requests it meets; once if left out. */
  times?: number;
  /** What comes back: an answer, or a line that is cut. */
  answer: { status: number; headers?: Record<string, string>; message?: string } | 'cut' | 'hang';
  /** Whether the request is carried out first, so that only its answer is lost. */
  afterDoing?: boolean;
}

/** The page that was asked for, with GitHub's link to the next one. */
export function cutPage(
  answer: FakeAnswer,
  url: URL,
): { status: number; json: unknown; headers: Record<string, string> } {
  if (!answer.list)
    return { status: answer.status, json: answer.json, headers: answer.link ? { link: answer.link } : {} };
  const size = Math.min(100, Number(url.searchParams.get('per_page') ?? 30));
  const page = Number(url.searchParams.get('page') ?? 1);
  const items = answer.list.slice((page - 1) * size, page * size);
  const next = new URL(url);
  next.searchParams.set('page', String(page + 1));
  const more = page * size < answer.list.length;
  return {
    status: answer.status,
    json: answer.wrap ? answer.wrap(items, answer.list.length) : items,
    headers: more ? { link: `<${next.href}>; rel="next"` } : {},
  };
}

/** Answers as the fault says. */
export function answerFault(fault: Fault, response: ServerResponse): void {
  if (fault.answer === 'hang') return;
  if (fault.answer === 'cut') {
    response.destroy();
    return;
  }
  const { status, headers, message } = fault.answer;
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify({ message: message ?? `injected ${status}` }));
}
