import type { ShownState } from '../../../release/shown-state.ts';
import type { HostEffect, ShownDeployment } from '../host.ts';
import type { Author } from '../marked-effects.ts';
import { type GitHubConnection, readGitHub, writeGitHub } from './connection.ts';
import { GitHubFailure } from './failure.ts';

/** GitHub takes 140 characters. */
const LONGEST_DESCRIPTION = 140;

/** How far back earlier deployments to an environment are looked at: the newest page. */
const EARLIER = 100;

/** By which a deployment is found again, in the payload that GitHub keeps for whoever made it. */
interface Payload {
  windlass: string;
  product: string;
}

interface Context {
  connection: GitHubConnection;
  author: Author;
  shown: ShownDeployment;
}

/**
 * The deployment with its key in the payload, the status, and, once it succeeded, the end of those before it: GitHub's
 * own `auto_inactive` leaves environments of production out.
 */
export function describeDeployment(
  connection: GitHubConnection,
  author: Author,
  shown: ShownDeployment,
): HostEffect<undefined>[] {
  const context = { connection, author, shown };
  return [create(context), setState(context), ...(shown.state === 'success' ? [supersede(context)] : [])];
}

function create(context: Context): HostEffect<undefined> {
  const { connection, shown } = context;
  return {
    name: 'deployment',
    key: shown.key,
    target: `deployment of ${shown.version} to ${shown.environment}`,
    read: async () => {
      const ours = await findOurs(context);
      return ours ? { is: 'ours', value: undefined, proof: String(ours.id) } : { is: 'absent' };
    },
    write: async () => {
      const payload: Payload & Record<string, unknown> = { windlass: shown.key, product: shown.product };
      await writeGitHub(connection, `note the deployment to ${shown.environment}`, (octokit, target) =>
        octokit.rest.repos.createDeployment({
          ...target,
          ref: shown.ref,
          environment: shown.environment,
          description: cut(`${shown.product} ${shown.version}`),
          payload,
          production_environment: shown.isProduction,
          // What goes where was decided long before; GitHub is only told.
          auto_merge: false,
          required_contexts: [],
        }),
      );
    },
  };
}

function setState(context: Context): HostEffect<undefined> {
  const { shown } = context;
  const { environment, state, version } = shown;
  return {
    name: 'deployment-status',
    key: `${shown.key}/${state}`,
    target: `status ${state} of the deployment of ${version} to ${environment}`,
    read: async () => {
      const { id } = await requireOurs(context);
      const found = (await listStatuses(context, id)).find((one) => one.state === state);
      return found ? { is: 'ours', value: undefined, proof: String(found.id) } : { is: 'absent' };
    },
    write: async () => {
      const { id } = await requireOurs(context);
      await addStatus(context, id, state, SAID[state](shown));
    },
  };
}

function supersede(context: Context): HostEffect<undefined> {
  const { shown } = context;
  return {
    name: 'deployment-superseded',
    key: `${shown.key}/superseded`,
    target: `end of the deployments to ${shown.environment} before ${shown.version}`,
    read: async () =>
      (await findEarlier(context)).length === 0
        ? { is: 'ours', value: undefined, proof: 'none' }
        : { is: 'absent' },
    write: async () => {
      const description = `${shown.version} took its place`;
      for (const id of await findEarlier(context)) await addStatus(context, id, 'inactive', description);
    },
  };
}

async function findOurs(context: Context): Promise<{ id: number } | undefined> {
  const { connection, shown } = context;
  const { author } = await context.author();
  const listed = await readGitHub(
    connection,
    `look for the deployment to ${shown.environment}`,
    (octokit, target) =>
      octokit.paginate(octokit.rest.repos.listDeployments, {
        ...target,
        environment: shown.environment,
        ref: shown.ref,
        per_page: 100,
      }),
  );
  // GitHub lists the newest first; the oldest is the one that two workers agree on.
  return listed.findLast(
    ({ payload, creator }) =>
      readPayload(payload)?.windlass === shown.key && (author === undefined || creator?.login === author),
  );
}

/** @throws GitHubFailure, retryable, when the deployment was deleted: the next try makes a new one. */
async function requireOurs(context: Context): Promise<{ id: number }> {
  const ours = await findOurs(context);
  if (ours) return ours;
  throw new GitHubFailure({
    happened: `The deployment of ${context.shown.version} to ${context.shown.environment} is gone from GitHub.`,
    outcome: 'unchanged',
    retryable: true,
    advice: 'It is tried again, with a new one.',
  });
}

/** Deployments of the product that came before ours and still count as running, newest first. */
async function findEarlier(context: Context): Promise<number[]> {
  const { connection, shown } = context;
  const { author } = await context.author();
  const ours = await requireOurs(context);
  const doing = `look for earlier deployments to ${shown.environment}`;
  const { data } = await readGitHub(connection, doing, (octokit, target) =>
    octokit.rest.repos.listDeployments({ ...target, environment: shown.environment, per_page: EARLIER }),
  );
  const running: number[] = [];
  for (const { id, payload, creator } of data) {
    const isOurs = author === undefined || creator?.login === author;
    if (id >= ours.id || !isOurs || readPayload(payload)?.product !== shown.product) continue;
    const [newest] = await listStatuses(context, id);
    if (newest?.state === 'success') running.push(id);
    // What came before one that is over was ended with it.
    if (newest?.state === 'inactive') break;
  }
  return running;
}

/** The newest statuses of a deployment, the newest first. */
async function listStatuses(context: Context, id: number): Promise<{ id: number; state: string }[]> {
  const { data } = await readGitHub(
    context.connection,
    `read the statuses of deployment ${id}`,
    (octokit, target) =>
      octokit.rest.repos.listDeploymentStatuses({ ...target, deployment_id: id, per_page: 100 }),
  );
  return data;
}

async function addStatus(
  { connection, shown }: Context,
  id: number,
  state: ShownState,
  description: string,
): Promise<void> {
  const { environment, url, logUrl } = shown;
  await writeGitHub(connection, `set deployment ${id} to ${state}`, (octokit, target) =>
    octokit.rest.repos.createDeploymentStatus({
      ...target,
      deployment_id: id,
      state,
      environment,
      environment_url: url,
      log_url: logUrl,
      description: cut(description),
      auto_inactive: true,
    }),
  );
}

/** Why one failed is not among them: the page is public, what scripts say is not. */
const SAID: Record<ShownState, (shown: ShownDeployment) => string> = {
  queued: ({ environment }) => `waits for ${environment}`,
  in_progress: ({ version, environment }) => `${version} is being deployed to ${environment}`,
  success: ({ version, environment }) => `${environment} runs ${version}`,
  failure: ({ version, environment }) => `${version} could not be deployed to ${environment}`,
  inactive: ({ version, environment }) => `${version} made room in ${environment}`,
};

function readPayload(payload: unknown): Partial<Payload> | undefined {
  return typeof payload === 'object' && payload !== null ? payload : undefined;
}

function cut(text: string): string {
  return text.length > LONGEST_DESCRIPTION ? `${text.slice(0, LONGEST_DESCRIPTION - 1)}…` : text;
}
