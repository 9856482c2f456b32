import { type FailureFacts, OutsideFailure, wasNeverReached } from '../../../integrations/failure.ts';

/**
 * What went wrong at a container registry, in words for a person: what happened, what was changed, what to do
 * now. Passwords and tokens never appear in it.
 */
export class OciFailure extends OutsideFailure {
  override readonly name = 'OciFailure';

  constructor(facts: FailureFacts) {
    super(facts, { unchanged: 'Nothing was changed.', unknown: 'Whether the registry did it is unknown.' });
  }
}

/** A mistake that no retry mends and that nothing was sent for. */
export function refuse(happened: string, advice: string): OciFailure {
  return new OciFailure({ happened, outcome: 'unchanged', retryable: false, advice });
}

/** A line that broke, a time limit, or a signal. */
export function describeLostAnswer(
  error: unknown,
  attempt: { doing: string; host: string; writes: boolean },
): OciFailure {
  if (error instanceof OciFailure) return error;
  const { name, cause } = error as { name?: string; cause?: { code?: unknown } };
  const code = typeof cause?.code === 'string' ? cause.code : '';
  const reached = !wasNeverReached(code);
  return new OciFailure({
    happened: `Could not ${attempt.doing}: ${attempt.host} ${reached ? 'gave no complete answer' : 'cannot be reached'} (${code || name}).`,
    outcome: reached && attempt.writes ? 'unknown' : 'unchanged',
    retryable: true,
    advice: adviseConnection(
      code,
      'Check that the registry is up and that its address in the configuration is right, then retry.',
    ),
  });
}

/** An answer that is not what was asked for; `body` is the registry's, with its own error codes in it. */
export function describeRefusal(
  answer: { status: number; body: string },
  attempt: { doing: string; host: string; writes: boolean; secrets: readonly (string | undefined)[] },
): OciFailure {
  const { status } = answer;
  const said = readErrors(answer.body, attempt.secrets);
  return new OciFailure({
    happened: `Could not ${attempt.doing}: ${attempt.host} answered ${status}${said ? ` (${said})` : ''}.`,
    // A 5xx can come from a proxy in front of a registry that did the work.
    outcome: status >= 500 && attempt.writes ? 'unknown' : 'unchanged',
    retryable: status === 429 || status >= 500,
    advice: adviceFor(status),
    status,
  });
}

function adviceFor(status: number): string {
  if (status === 401)
    return 'User or password is missing, wrong or expired: correct the worker’s configuration.';
  if (status === 403) return 'The login has no right to do this: give it write access to the repository.';
  if (status === 404)
    return 'The registry knows no such repository: create it, or correct `registries.docker.repository`.';
  if (status === 413) return 'A layer is larger than the registry or a proxy before it accepts.';
  if (status === 429) return 'The registry’s rate limit is used up; retry in a while.';
  if (status >= 500) return 'The registry is overloaded or broken; retry in a while.';
  return 'Read what the registry says, mend it, then retry.';
}

/** The registry's own error codes (OCI distribution, "Error Codes"), on one line. */
function readErrors(body: string, secrets: readonly (string | undefined)[]): string {
  let text = '';
  try {
    const { errors } = JSON.parse(body) as { errors?: { code?: string; message?: string }[] };
    text = (errors ?? []).map(({ code, message }) => `${code}: ${message}`).join('; ');
  } catch {
    // Not JSON: a proxy's page, of which the status says enough.
  }
  for (const secret of secrets) if (secret) text = text.replaceAll(secret, '***');
  return text.replace(/[\u0000-\u001f\u007f]+/g, ' ').slice(0, 300);
}

/** A certificate is refused for a wrong clock as often as for a missing issuer. */
function adviseConnection(code: string, otherwise: string): string {
  return /CERT|SELF_SIGNED|UNABLE_TO_/.test(code)
    ? 'The server’s certificate is not accepted: check this machine’s clock and its trusted issuers (NODE_EXTRA_CA_CERTS).'
    : otherwise;
}
