import type { FastifyRequest } from 'fastify';
import type { CommandName } from '../../../contracts/commands.ts';
import { principalOf } from '../../auth/authenticate.ts';
import { whyStopped } from '../../commands/find-product.ts';
import type { Action } from '../../commands/list-actions.ts';
import type { ApiDeps } from '../../deps.ts';
import { flowOf } from '../../flows.ts';
import type { CurrentRelease } from '../../gateway.ts';
import type { ReleasePage } from '../../page/release-page.ts';
import { conflict } from '../../problem.ts';
import { listOffered, listRunning, temporalLink } from '../../read-release.ts';

/** The button that somebody followed a link to. @throws ApiProblem 409 when it is not theirs to press now. */
export function requireAction(actions: Action[], name: CommandName, gate: string | undefined): Action {
  const action = actions.find((one) => one.command === name && one.gate === gate);
  if (action) return action;
  throw conflict(
    'not-yours',
    'This is not for you to do, or not possible any more: somebody may have decided meanwhile.',
    'look at the release: it shows what you may do now',
  );
}

/** What the page of a run shows to whoever asks. */
export async function viewRelease(
  deps: ApiDeps,
  request: FastifyRequest,
  current: CurrentRelease,
): Promise<ReleasePage> {
  const principal = principalOf(request);
  const { record, open, unverified } = current;
  const [notes, runs] = await Promise.all([
    record.plan && deps.gateway.readText(record.plan.notes).catch(() => undefined),
    listRunning(deps, current),
  ]);
  const temporalUrl = temporalLink(deps, current);
  const stopped = whyStopped(deps, record.product);
  return {
    principal,
    record,
    kind: flowOf(current.workflowId),
    open,
    ...(unverified === undefined ? {} : { unverified }),
    ...(stopped === undefined ? {} : { stopped }),
    actions: listOffered(deps, current, principal, runs),
    runs,
    now: deps.clock(),
    ...(notes === undefined ? {} : { notes }),
    ...(temporalUrl === undefined ? {} : { temporalUrl }),
  };
}
