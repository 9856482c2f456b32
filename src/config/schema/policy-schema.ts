/** What a configuration may change of the policy table, per release type. */

import { z } from 'zod';
import { COMMUNICATIONS, LOAD_PROFILES, MONITORING_LEVELS } from '../../release/names.ts';
import { STRATEGY_NAMES } from '../../release/policy/strategies.ts';
import { approver } from './approver-schema.ts';
import * as field from './fields.ts';
import { gateName } from './gate-schema.ts';

const approvers = z.array(approver);

const typePolicy = z
  .strictObject({
    gates: z
      .array(gateName)
      .optional()
      .describe(
        'The automatic gates by name: the known ones, and those under `gates`. `tests` is always among them; the build is no gate, it always happens.',
      ),
    load_profile: z.enum(LOAD_PROFILES).optional().describe('What the load test simulates.'),
    strategy: z.enum(STRATEGY_NAMES).optional().describe("How it takes over production's traffic."),
    monitoring: z
      .strictObject({
        window: field.duration.optional().describe('How long production must have been observed.'),
        interval: field.duration.optional().describe('Time between samples.'),
        level: z
          .enum(MONITORING_LEVELS)
          .optional()
          .describe('`enhanced` also watches what customers report.'),
      })
      .optional()
      .describe('The watch after go-live.'),
    go_live_approvals: approvers
      .min(1, { error: 'at least one role: production always needs a person' })
      .optional()
      .describe(
        'Who must agree to production: each entry a role, `{ role: reviewers, count: 2 }` (so many people with it), or `{ any_of: [qa, operator] }` (one of several roles).',
      ),
    changelog_review: approvers.optional().describe('Who reviews the changelog.'),
    manual_smoke: approvers.optional().describe('Who walks through the critical paths by hand.'),
    staging_sign_off: approvers.optional().describe('Who signs off staging.'),
    communication: z
      .array(z.enum(COMMUNICATIONS))
      .optional()
      .describe(
        'Who is told besides the CEO: `team` and `customers` get a message through the channel of that name, `incident` tells the team that it is resolved, `blog` and `documentation` open an issue with a draft and the notes.',
      ),
  })
  .optional();

export const policySchema = z
  .strictObject({
    major: typePolicy.describe('1.x.x to 2.0.0.'),
    minor: typePolicy.describe('x.1.x to x.2.0.'),
    patch: typePolicy.describe('x.x.1 to x.x.2.'),
    hotfix: typePolicy.describe('An emergency patch, on its own path.'),
  })
  .prefault({})
  .describe('What each release type demands, where it differs from the table below.');

export type PolicyFile = z.output<typeof policySchema>;
