import { z } from 'zod';
import { missingRoles, nameMissing } from '../../release/approvals.ts';
import { VERDICTS_OF_PEOPLE } from '../../release/names.ts';
import { listRoles } from '../../release/policy/approvers.ts';
import { nameRole, titleGate } from '../../release/views/words.ts';
import { principalOf } from '../auth/authenticate.ts';
import type { Principal } from '../auth/principal.ts';
import { sendCommand } from '../commands/send-command.ts';
import { releaseUrl } from '../commands/start-release.ts';
import type { ApiDeps } from '../deps.ts';
import type { FlowKind } from '../flows.ts';
import { GatewayProblem } from '../gateway.ts';
import { listEvery } from '../list-every.ts';
import { mapSome } from '../map-some.ts';
import { listOffered } from '../read-release.ts';
import {
  comment,
  flowQuery,
  gateKey,
  idempotencyHeaders,
  problems,
  productParams,
  role,
  time,
} from '../schemas/common.ts';
import { commandAnswer } from '../schemas/release.ts';
import { statusOf } from './accepted.ts';
import type { RouteApp } from './route-app.ts';

/** Releases that are looked at for one person, and so many of them at a time. */
const LOOKED_AT = 1_000;
const AT_ONCE = 25;

const waiting = z.object({
  product: z.string(),
  kind: z.string(),
  releaseId: z.string(),
  version: z.string().optional(),
  gate: z.string(),
  title: z.string(),
  openedAt: time,
  required: z.array(role),
  missing: z.array(role),
  wants: z.string().describe('What is still missing, in words: `1 more of reviewers`'),
  role: role.describe('The role in which you would decide'),
  subject: z.string(),
  url: z.string().describe('Opens the decision; never makes one'),
});

/** What waits for the asking person, and their decisions. */
export function routeApprovals(app: RouteApp, deps: ApiDeps): void {
  app.get(
    '/approvals',
    {
      schema: {
        summary: 'What waits for me',
        tags: ['approvals'],
        response: {
          200: z.object({
            approvals: z.array(waiting).describe('What waits longest comes first'),
            more: z
              .number()
              .int()
              .optional()
              .describe('Releases that were not looked at, for there are too many'),
          }),
          ...problems,
        },
      },
    },
    async (request) => {
      const { waiting: approvals, more } = await listWaiting(deps, principalOf(request));
      return { approvals, ...(more === 0 ? {} : { more }) };
    },
  );

  app.post(
    '/releases/:product/approvals/:gate',
    {
      schema: {
        summary: 'Approve or reject an open gate',
        description:
          'The decision is signed in your name; the workflow and the steps that it protects verify it.',
        tags: ['approvals'],
        params: productParams.extend({ gate: gateKey }),
        querystring: flowQuery,
        headers: idempotencyHeaders,
        body: z.strictObject({
          decision: z.enum(VERDICTS_OF_PEOPLE),
          comment: comment.optional(),
          role: role.optional().describe('If you have several that the gate asks for'),
          subject: z
            .string()
            .regex(/^sha256:[0-9a-f]{64}$/)
            .optional()
            .describe('What you were shown: refused when something else waits by now'),
        }),
        response: { 200: commandAnswer, 202: commandAnswer, ...problems },
      },
    },
    async (request, reply) => {
      const { decision, comment: why, role: asked, subject } = request.body;
      const key = request.headers['idempotency-key'];
      const answer = await sendCommand(deps, principalOf(request), {
        name: decision,
        product: request.params.product,
        kind: request.query.kind,
        gate: request.params.gate,
        ...(why === undefined ? {} : { comment: why }),
        ...(asked === undefined ? {} : { role: asked }),
        ...(subject === undefined ? {} : { subject }),
        ...(key === undefined ? {} : { key }),
      });
      return reply.code(statusOf(answer)).send(answer);
    },
  );
}

/** Open gates that this person could decide now, the oldest first. */
export async function listWaiting(
  deps: ApiDeps,
  principal: Principal,
): Promise<{ waiting: (z.input<typeof waiting> & { kind: FlowKind })[]; more: number }> {
  if (principal.roles.length === 0) return { waiting: [], more: 0 };
  const wanted = { status: 'open', waitingFor: principal.roles } as const;
  const { releases, more } = await listEvery(deps.gateway, wanted, LOOKED_AT);
  const found = await mapSome(releases, AT_ONCE, (line) =>
    // One whose workflow does not answer must not hide the others.
    listGates(deps, principal, line.product, line.kind).catch((error: unknown) => {
      if (error instanceof GatewayProblem && ['no_worker', 'stuck'].includes(error.kind)) return [];
      throw error;
    }),
  );
  return { waiting: found.flat().sort((a, b) => (a.openedAt < b.openedAt ? -1 : 1)), more };
}

async function listGates(deps: ApiDeps, principal: Principal, product: string, kind: FlowKind) {
  const current = await deps.gateway.readCurrent(product, kind);
  if (!current?.open) return [];
  const { record } = current;
  return listOffered(deps, current, principal).flatMap((action) => {
    const gate = record.approvals.find(
      (candidate) => candidate.key === action.gate && candidate.status === 'open',
    );
    if (action.command !== 'approve' || !gate || action.role === undefined) return [];
    return [
      {
        product,
        kind,
        releaseId: record.releaseId,
        ...(record.plan === undefined ? {} : { version: record.plan.version }),
        gate: gate.key,
        title: titleGate(record, gate.title),
        openedAt: gate.openedAt,
        required: listRoles(gate.required),
        missing: missingRoles(gate),
        wants: nameMissing(gate, nameRole).join(', '),
        role: action.role,
        subject: gate.subject,
        url: `${releaseUrl(deps, product, kind)}#${gate.key}`,
      },
    ];
  });
}
