import { z } from 'zod';
import { GATE_KEYS } from '../../release/approvals.ts';
import { RELEASE_TYPES, ROLE_NAME, SEVERITIES } from '../../release/settings.ts';
import { FLOW_KIND, type FlowKind } from '../flows.ts';

/** As `src/config` names products; whatever does not look like one cannot be one. */
export const productName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/)
  .describe('Name of a product');

export const releaseId = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,99}$/);
export const role = z.string().regex(ROLE_NAME);
export const severity = z.enum(SEVERITIES);
export const releaseType = z.enum(RELEASE_TYPES);
export const gateKey = z
  .enum(GATE_KEYS as readonly [string, ...string[]])
  .describe('Key of an approval gate');
export const environmentName = z.string().regex(/^[a-z](?:[a-z0-9-]{0,28}[a-z0-9])?$/);
/** An instant with its zone. */
export const deployAt = z.iso
  .datetime({ offset: true })
  .describe('Not before this instant does it reach production; it waits there, and can be let go or aborted');

export const time = z.string().describe('ISO 8601, UTC');
export const personName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._@+-]{0,99}$/);

/** Control characters have no business in a sentence; line ends do. */
export const comment = z
  .string()
  .trim()
  .min(1)
  .max(1_000)
  .regex(/^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]*$/, 'no control characters')
  .describe('Why; shown in the timeline');

/** Which incident: as the record, the page and the notices name it. */
export const incidentId = z
  .string()
  .max(100)
  .regex(/^[\x21-\x7e]+$/)
  .describe('The id of an incident that is open');

/** Exact semantic version, as semver.org has it. */
export const version = z
  .string()
  .max(100)
  .regex(/^(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?$/);

/** What a person was shown, as an action names it. */
export const answers = z
  .string()
  .max(200)
  .regex(/^[\x20-\x7e]+$/)
  .describe('From `actions`: refused when something else is asked by now');

export const idempotencyHeaders = z.object({
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]{1,200}$/)
    .optional()
    .describe('The same key gives the same command and the same answer, however often it is sent'),
});

export const productParams = z.object({ product: productName });

/** Which of a product's flows is meant; its release, where nothing is said. */
export const flowKind = z
  .string()
  .regex(FLOW_KIND)
  .transform((kind) => kind as FlowKind)
  .default('release')
  .describe('release, hotfix, rollback, monitoring, gates, or deployment-ENVIRONMENT');

export const flowQuery = z.object({ kind: flowKind });

export const problem = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    hint: z.string(),
    instance: z.string().optional(),
  })
  .describe('RFC 9457 problem document');

/** What every route may answer besides its success. */
export const problems = { '4xx': problem, '5xx': problem } as const;
