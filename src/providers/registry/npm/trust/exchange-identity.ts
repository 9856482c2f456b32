import { limitSignal } from '../../../../integrations/limit-signal.ts';
import { LIMITS_MS } from '../../../../release/policy/default-times.ts';
import { escapePackageName, type NpmConnection, requestNpm } from '../connection.ts';
import { NpmFailure } from '../failure.ts';
import type { NpmRegistry } from '../kind.ts';

/** Where CI's identity comes from: the values of the secrets that the configuration names. */
type Identity =
  /** GitHub Actions: asked for at this address (`ACTIONS_ID_TOKEN_REQUEST_URL`, `…_TOKEN`). */
  | { requestUrl: string; requestToken: string }
  /** GitLab, CircleCI: handed over as it is (`NPM_ID_TOKEN`). */
  | { idToken: string };

/** Who publishes: CI's own identity, where the configuration trusts it, else whoever the token is of. */
export async function connectToPublish(
  { context, settings, connection }: NpmRegistry,
  name: string,
): Promise<NpmConnection> {
  const trust = settings.trustedPublishing;
  if (trust === undefined) return connection;
  const identity =
    'idToken' in trust
      ? { idToken: context.secret(trust.idToken) }
      : { requestUrl: context.secret(trust.requestUrl), requestToken: context.secret(trust.requestToken) };
  return { ...connection, token: await exchangeIdentity(connection, name, identity) };
}

/**
 * A token for publishing one package, of a few minutes' life, in exchange for CI's identity: npm's trusted publishing,
 * as npm 11.5 and later do it (`lib/utils/oidc.js`). It publishes and does nothing else.
 * @throws NpmFailure
 */
async function exchangeIdentity(
  connection: NpmConnection,
  name: string,
  identity: Identity,
): Promise<string> {
  const doing = `get a token for ${name} by trusted publishing`;
  const idToken =
    'idToken' in identity ? identity.idToken : await askForIdentity(connection, identity, doing);
  const path = `/-/npm/v1/oidc/token/exchange/package/${escapePackageName(name)}`;
  let answer: Record<string, unknown>;
  try {
    answer = await requestNpm({ ...connection, token: idToken }, path, {
      doing,
      method: 'POST',
      answers: true,
    });
  } catch (error) {
    if (!(error instanceof NpmFailure) || error.status === undefined) throw error;
    throw refuse(
      error.message,
      `Name this repository and its workflow as a trusted publisher of ${name} (on npmjs.com in the package's settings; the package must have been published once), or publish by a token: take \`trusted_publishing\` out.`,
    );
  }
  if (typeof answer['token'] === 'string' && answer['token'] !== '') return answer['token'];
  throw refuse(`Could not ${doing}: the registry's answer has no token.`, 'Publish by a token instead.');
}

/** GitHub's own service says who the running workflow is, to just this registry. */
async function askForIdentity(
  { registry, signal }: NpmConnection,
  { requestUrl, requestToken }: Extract<Identity, { requestUrl: string }>,
  doing: string,
): Promise<string> {
  if (!URL.canParse(requestUrl)) {
    throw refuse(
      `Could not ${doing}: the address for CI's identity is none.`,
      'Give the job `permissions: { id-token: write }`, and the secret the value of ACTIONS_ID_TOKEN_REQUEST_URL.',
    );
  }
  const url = new URL(requestUrl);
  url.searchParams.append('audience', `npm:${new URL(registry).hostname}`);
  try {
    const response = await fetch(url, {
      headers: { accept: 'application/json', authorization: `Bearer ${requestToken}` },
      redirect: 'error',
      signal: limitSignal(LIMITS_MS.request, signal),
    });
    const body = (await response.json()) as { value?: unknown };
    if (response.ok && typeof body.value === 'string' && body.value !== '') return body.value;
    throw refuse(
      `Could not ${doing}: ${url.host} gave no identity (it answered ${response.status}).`,
      'Give the job `permissions: { id-token: write }`. Its tokens end with the job: a release that waits for people for longer publishes from a worker with a token.',
    );
  } catch (error) {
    if (error instanceof NpmFailure) throw error;
    throw new NpmFailure({
      happened: `Could not ${doing}: ${url.host} cannot be asked for CI's identity.`,
      outcome: 'unchanged',
      retryable: true,
      advice: 'Check that the worker runs in the CI job whose identity it is, then retry.',
    });
  }
}

function refuse(happened: string, advice: string): NpmFailure {
  return new NpmFailure({ happened, outcome: 'unchanged', retryable: false, advice });
}
