/** Errors of the API as people and programs get them: RFC 9457 problem documents, each with a hint. */

export interface Problem {
  /** `urn:windlass:problem:<code>`. */
  type: string;
  title: string;
  status: number;
  detail: string;
  /** What to do now. */
  hint: string;
  instance?: string;
  [extension: string]: unknown;
}

export interface ProblemOptions {
  status: number;
  /** Short and stable: `gate-not-open`. */
  code: string;
  title: string;
  detail: string;
  hint: string;
  extra?: Record<string, unknown>;
  headers?: Record<string, string>;
}

/** Thrown anywhere below a route; the error handler answers with its document. Its texts are safe to show. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly problem: Problem;
  readonly headers: Record<string, string>;

  constructor({ status, code, title, detail, hint, extra, headers }: ProblemOptions) {
    super(detail);
    this.problem = { type: `urn:windlass:problem:${code}`, title, status, detail, hint, ...extra };
    this.headers = headers ?? {};
  }
}

/** 404: nothing of that name. */
export function notFound(what: string, hint: string): ApiProblem {
  return new ApiProblem({ status: 404, code: 'not-found', title: 'Not found', detail: what, hint });
}

/** 403: a known person without the right to do this. */
export function forbidden(detail: string, hint: string): ApiProblem {
  return new ApiProblem({ status: 403, code: 'forbidden', title: 'Not allowed', detail, hint });
}

/** 401: nobody knows who is asking. */
export function unauthenticated(detail: string): ApiProblem {
  return new ApiProblem({
    status: 401,
    code: 'unauthenticated',
    title: 'Who are you?',
    detail,
    hint: 'send "Authorization: Bearer TOKEN", or sign in on the page',
    headers: { 'www-authenticate': 'Bearer realm="windlass"' },
  });
}

/** 409: it cannot be done where the release stands. Nothing was sent. */
export function conflict(
  code: string,
  detail: string,
  hint: string,
  extra: Record<string, unknown> = {},
): ApiProblem {
  return new ApiProblem({ status: 409, code, title: 'Not possible now', detail, hint, extra });
}

/** 503: something that the API needs is away; nothing was done, and the same request may be sent again. */
export function unavailable(detail: string, hint: string, retryAfterSeconds = 5): ApiProblem {
  return new ApiProblem({
    status: 503,
    code: 'unavailable',
    title: 'Temporarily not available',
    detail,
    hint,
    headers: { 'retry-after': String(retryAfterSeconds) },
  });
}
