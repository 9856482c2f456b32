import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type FakeAnswer, type FakeRequest, formatUser } from './github-state.ts';

const run = promisify(execFile);

export interface FakeDeployment {
  id: number;
  ref: string;
  sha: string;
  environment: string;
  description: string | null;
  payload: object | string;
  production_environment: boolean;
  creator: string;
  created_at: string;
  /** Oldest first. */
  statuses: FakeDeploymentStatus[];
}

export interface FakeDeploymentStatus {
  id: number;
  state: string;
  description: string;
  environment_url: string;
  log_url: string;
  creator: string;
  created_at: string;
}

interface DeploymentState {
  deployments: FakeDeployment[];
  nextId: number;
}

/** What `emulate` has not: deployments and their statuses. `answer` gives undefined for other routes. */
export function makeDeployments(): {
  deployments: FakeDeployment[];
  answer(request: FakeRequest): Promise<FakeAnswer | undefined>;
} {
  const state: DeploymentState = { deployments: [], nextId: 7000 };
  return { deployments: state.deployments, answer: (request) => answerDeployments(state, request) };
}

async function answerDeployments(
  state: DeploymentState,
  request: FakeRequest,
): Promise<FakeAnswer | undefined> {
  const at = (pattern: RegExp) => pattern.exec(`${request.method} ${request.path}`)?.slice(1);
  if (at(/^GET \/deployments$/)) return listDeployments(state, request);
  if (at(/^POST \/deployments$/)) return await createDeployment(state, request);
  const id = at(/^\w+ \/deployments\/(\d+)\/statuses$/)?.[0];
  if (id === undefined) return undefined;
  const deployment = state.deployments.find((one) => one.id === Number(id));
  if (!deployment) return { status: 404, json: { message: 'Not Found' } };
  if (request.method === 'POST') return createStatus(state, request, deployment);
  const newestFirst = [...deployment.statuses].reverse();
  return { status: 200, list: newestFirst.map((one) => formatStatus(request, deployment, one)) };
}

function listDeployments(state: DeploymentState, request: FakeRequest): FakeAnswer {
  const { query } = request;
  const found = state.deployments.filter(
    ({ environment, ref, sha }) =>
      [null, environment].includes(query.get('environment')) &&
      [null, ref].includes(query.get('ref')) &&
      [null, sha].includes(query.get('sha')),
  );
  return { status: 200, list: found.reverse().map((one) => formatDeployment(request, one)) };
}

async function createDeployment(state: DeploymentState, request: FakeRequest): Promise<FakeAnswer> {
  const body = JSON.parse(request.body.toString('utf8'));
  const asked = ['-C', request.repositoryPath, 'rev-parse', '--verify', '--quiet', `${body.ref}^{commit}`];
  const found = await run('git', asked).catch(() => undefined);
  if (!found)
    return {
      status: 422,
      json: { message: `No ref found for: ${body.ref}`, documentation_url: 'https://docs.github.com/rest' },
    };
  const deployment: FakeDeployment = {
    id: state.nextId++,
    ref: body.ref,
    sha: found.stdout.trim(),
    environment: body.environment ?? 'production',
    description: body.description ?? null,
    payload: body.payload ?? '',
    production_environment: body.production_environment ?? body.environment === 'production',
    creator: request.login,
    created_at: new Date().toISOString(),
    statuses: [],
  };
  state.deployments.push(deployment);
  return { status: 201, json: formatDeployment(request, deployment) };
}

function createStatus(state: DeploymentState, request: FakeRequest, deployment: FakeDeployment): FakeAnswer {
  const body = JSON.parse(request.body.toString('utf8'));
  if ((body.description ?? '').length > 140) {
    return {
      status: 422,
      json: { message: 'description is too long', documentation_url: 'https://docs.github.com/rest' },
    };
  }
  const add = (to: FakeDeployment, word: string, more: Partial<FakeDeploymentStatus> = {}) => {
    const status: FakeDeploymentStatus = {
      id: state.nextId++,
      state: word,
      description: '',
      environment_url: '',
      log_url: '',
      creator: request.login,
      created_at: new Date().toISOString(),
      ...more,
    };
    to.statuses.push(status);
    return status;
  };
  const { description = '', environment_url = '', log_url = '' } = body;
  const status = add(deployment, body.state, { description, environment_url, log_url });
  if (body.state === 'success' && body.auto_inactive !== false) {
    // "All prior non-transient, non-production environment deployments" that had a success.
    for (const prior of state.deployments) {
      const isPrior = prior.id < deployment.id && prior.environment === deployment.environment;
      if (isPrior && !prior.production_environment && prior.statuses.at(-1)?.state === 'success')
        add(prior, 'inactive');
    }
  }
  return { status: 201, json: formatStatus(request, deployment, status) };
}

function formatDeployment(request: FakeRequest, deployment: FakeDeployment): object {
  const { statuses: _statuses, creator, ...plain } = deployment;
  const repository = `${request.origin}/repos/${request.fullName}`;
  const url = `${repository}/deployments/${deployment.id}`;
  return {
    ...plain,
    url,
    node_id: `DE_${deployment.id}`,
    task: 'deploy',
    original_environment: deployment.environment,
    creator: formatUser(request.origin, creator),
    updated_at: deployment.created_at,
    statuses_url: `${url}/statuses`,
    repository_url: repository,
    transient_environment: false,
  };
}

function formatStatus(
  request: FakeRequest,
  deployment: FakeDeployment,
  status: FakeDeploymentStatus,
): object {
  const { creator, ...plain } = status;
  const repository = `${request.origin}/repos/${request.fullName}`;
  const url = `${repository}/deployments/${deployment.id}`;
  return {
    ...plain,
    url: `${url}/statuses/${status.id}`,
    node_id: `DES_${status.id}`,
    environment: deployment.environment,
    target_url: status.log_url,
    creator: formatUser(request.origin, creator),
    updated_at: status.created_at,
    deployment_url: url,
    repository_url: repository,
  };
}
