import { z } from 'zod';
import { postMortemWorkflowId } from '../../contracts/workflow-ids.ts';
import { mayAct } from '../../release/commands/permissions.ts';
import { principalOf } from '../auth/authenticate.ts';
import type { Principal } from '../auth/principal.ts';
import { requireProduct } from '../commands/find-product.ts';
import { type ApiDeps, permissionsOf } from '../deps.ts';
import { GatewayProblem } from '../gateway.ts';
import { forbidden, notFound } from '../problem.ts';
import { comment, personName, problems, productName, releaseId } from '../schemas/common.ts';
import type { RouteApp } from './route-app.ts';

/** How many archived records are looked at for the last one that was rolled back. */
const LOOKED_AT = 50;

const params = z.object({
  product: productName,
  releaseId: releaseId.describe('Id of the release that was rolled back, or `latest`'),
});

const answer = z.object({ accepted: z.literal(true), product: z.string(), releaseId: z.string() });

/** What people say of a post-mortem: who owns it, and what came of it. Nothing is decided by it. */
export function routePostMortems(app: RouteApp, deps: ApiDeps): void {
  const common = { tags: ['post-mortems'], params, response: { 202: answer, ...problems } };

  app.post(
    '/post-mortems/:product/:releaseId/own',
    {
      schema: {
        ...common,
        summary: 'Say who owns a post-mortem',
        body: z.strictObject({ owner: personName.optional().describe('Yourself, if left out') }).nullish(),
      },
    },
    async (request, reply) => {
      const principal = principalOf(request);
      const owner = request.body?.owner ?? principal.name;
      return reply.code(202).send(await tell(deps, principal, request.params, 'own', { owner }));
    },
  );

  app.post(
    '/post-mortems/:product/:releaseId/close',
    {
      schema: {
        ...common,
        summary: 'Close a post-mortem with what came of it',
        body: z.strictObject({ comment }),
      },
    },
    async (request, reply) => {
      const principal = principalOf(request);
      const conclusion = { by: principal.name, reason: request.body.comment };
      return reply.code(202).send(await tell(deps, principal, request.params, 'close', conclusion));
    },
  );
}

async function tell(
  deps: ApiDeps,
  principal: Principal,
  which: { product: string; releaseId: string },
  signal: 'own' | 'close',
  argument: Record<string, string>,
) {
  const name = requireProduct(deps, which.product);
  if (!mayAct(permissionsOf(deps), principal.roles)) {
    throw forbidden(`${principal.name} may look only.`, 'ask somebody who has a role that may act');
  }
  const id = which.releaseId === 'latest' ? await findLatest(deps, name) : which.releaseId;
  try {
    await deps.gateway.signal({ workflowId: postMortemWorkflowId(name, id) }, signal, argument);
  } catch (error) {
    if (!(error instanceof GatewayProblem) || error.kind !== 'not_in_flight') throw error;
    throw notFound(
      `No post-mortem of ${id} is open.`,
      'it is closed already, or the release was not rolled back',
    );
  }
  return { accepted: true as const, product: name, releaseId: id };
}

async function findLatest(deps: ApiDeps, product: string): Promise<string> {
  const ids = (await deps.gateway.listArchived(product)).slice(-LOOKED_AT).toReversed();
  for (const id of ids) {
    const record = await deps.gateway.readArchived(product, id);
    if (record?.outcome === 'rolled_back') return id;
  }
  throw notFound(`Nothing of ${product} was rolled back lately.`, 'name the release: its issue says the id');
}
