import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import type { ApiDeps } from './deps.ts';
import { GatewayProblem } from './gateway.ts';
import { renderProblem } from './page/problem-page.ts';
import { ApiProblem, conflict, notFound, type Problem, unavailable } from './problem.ts';

/** Errors of what the API leans on. Their texts name addresses and files, so they go to the log only. */
const OUTSIDE = ['StoreUnavailable', 'StoreCorrupt', 'SecretUnavailable'];

/** Every error leaves as a problem document: what happened, and what to do. Nothing internal is told. */
export function answerProblems(app: FastifyInstance, deps: ApiDeps): void {
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const known = toProblem(error);
    if (known.problem.status === 500 || OUTSIDE.includes(error.name)) {
      deps.log('error', 'request failed', {
        url: request.url.split('?')[0],
        error: String(error.stack ?? error),
        cause: String(error.cause ?? ''),
      });
    }
    return send(request, reply, known);
  });
  app.setNotFoundHandler((request, reply) =>
    send(request, reply, notFound('There is nothing at this address.', 'see /docs for what there is')),
  );
}

function send(request: FastifyRequest, reply: FastifyReply, { problem, headers }: ApiProblem): FastifyReply {
  if (request.routeOptions?.config?.page) {
    return reply
      .code(problem.status)
      .headers(headers)
      .type('text/html; charset=utf-8')
      .serializer((value: unknown) => String(value))
      .send(renderProblem(problem, request.id));
  }
  const document: Problem = { ...problem, instance: request.id };
  return (
    reply
      .code(problem.status)
      .headers(headers)
      .type('application/problem+json; charset=utf-8')
      // Its own serializer: a route's schemas are for its answers.
      .serializer((value: unknown) => JSON.stringify(value))
      .send(document)
  );
}

/** Errors before a route is found: an address that cannot be read, or a part of it that is too long. */
export function answerFrameworkError(
  error: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const { statusCode = 400 } = error;
  void send(request, reply, mistake(statusCode, 'address', 'The address cannot be read, or is too long.'));
}

/** Any error as a problem. What is not known is a 500 that says nothing of its cause. */
export function toProblem(error: FastifyError | ApiProblem | GatewayProblem): ApiProblem {
  if (error instanceof ApiProblem) return error;
  if (error instanceof GatewayProblem) return fromGateway(error);
  if (hasZodFastifySchemaValidationErrors(error)) {
    const errors = error.validation.map((issue) => ({
      path: `${error.validationContext ?? 'request'}${issue.instancePath.replaceAll('/', '.')}`,
      message: issue.message ?? 'is not valid',
    }));
    const list = errors.map(({ path, message }) => `${path}: ${message}`).join('; ');
    return mistake(400, 'invalid', `The request is not as described: ${list.slice(0, 1_000)}`, {
      errors: errors.slice(0, 50),
    });
  }
  if (OUTSIDE.includes(error.name)) {
    return unavailable(
      'The store, or a secret that the API needs, cannot be read.',
      'the log says which; then send it again',
      30,
    );
  }
  const status = error.statusCode ?? 500;
  if (status === 429) {
    return new ApiProblem({
      status,
      code: 'too-many',
      title: 'Too many requests',
      detail: 'More requests came than one client may send.',
      hint: 'wait, then send fewer',
      headers: { 'retry-after': '10' },
    });
  }
  if (status >= 400 && status < 500) {
    const hint = status === 413 ? 'send at most 64 KiB' : 'see /docs for what the route takes';
    return mistake(status, 'refused', error.message, {}, hint);
  }
  return new ApiProblem({
    status: 500,
    code: 'internal',
    title: 'Our mistake',
    detail:
      'Something went wrong in the API. Whether it did what was asked is best seen at the release itself.',
    hint: 'look at the release; send it again with the same Idempotency-Key; tell the operator the instance',
  });
}

function mistake(
  status: number,
  code: string,
  detail: string,
  extra = {},
  hint = 'correct it and send it again',
): ApiProblem {
  return new ApiProblem({ status, code, title: 'The request is not right', detail, hint, extra });
}

function fromGateway(error: GatewayProblem): ApiProblem {
  switch (error.kind) {
    case 'away':
      return unavailable(
        'Temporal does not answer; nothing was done.',
        'try again in a moment; releases in flight go on by themselves once it is back',
      );
    case 'unknown':
      return unavailable(
        'Temporal did not answer in time. It may have taken this, or not.',
        'send the same request again with the same Idempotency-Key: it is done once; or look at the release',
      );
    case 'no_worker':
      return unavailable(
        'No worker answers for this release; nothing was done.',
        'see that the workflow worker runs (windlass doctor), then try again',
        10,
      );
    case 'stuck':
      return new ApiProblem({
        status: 503,
        code: 'workflow-stuck',
        title: 'It cannot go on with the code that runs',
        detail: error.message,
        hint: 'go back to the version of Windlass that ran before, on every workflow worker; it goes on by itself. `windlass replay --from-server` names what else would break (docs/upgrading.md)',
        headers: { 'retry-after': '30' },
      });
    case 'full':
      return conflict(
        'history-full',
        error.message,
        'a rollback of what is live: windlass rollback; to end this one, terminate it in the Temporal Web UI: its deployments put themselves right',
      );
    case 'not_in_flight':
      return conflict('ended', error.message, 'look at the release: it has ended');
    case 'in_flight':
      return conflict('in-flight', error.message, 'wait for it to end, or abort it');
    case 'not_found':
      return notFound(error.message, 'look at what there is, one level up');
  }
}
