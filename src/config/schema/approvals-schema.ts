/** How approvals are asked for, and the rules that ask for more than the policy's lists. */
import { z } from 'zod';
import { RULE_TYPES } from '../../release/policy/approval-rules.ts';
import { DEFAULT_TIMES } from '../../release/policy/default-times.ts';
import { RELEASE_TYPES } from '../../release/settings.ts';
import { approver } from './approver-schema.ts';
import * as field from './fields.ts';

const rule = z.strictObject({
  name: field.line.describe('What people call it; stands beside what it asks for.'),
  when: z
    .strictObject({
      types: z
        .array(z.enum(RELEASE_TYPES))
        .min(1)
        .prefault([...RULE_TYPES])
        .describe('Release types. A hotfix only by name.'),
      environments: z
        .array(field.environmentName)
        .min(1)
        .optional()
        .describe('It reaches one of these production environments.'),
      paths: z
        .array(field.pathPattern)
        .min(1)
        .optional()
        .describe('It changes a file that fits one of these, from the top of the repository.'),
      migrations: z
        .literal(true, { error: 'true, or no such key' })
        .optional()
        .describe('It changes a migration (`migrations.paths`).'),
      dependencies: z
        .literal(true, { error: 'true, or no such key' })
        .optional()
        .describe('It changes a lock file, or another file that says of which versions it is made.'),
    })
    .prefault({})
    .describe(
      'All of `types` and `environments` hold, and any of `paths`, `migrations` and `dependencies`. What was not looked at counts as changed.',
    ),
  require: z.array(approver).min(1).describe('Whose approval go-live needs too, as in `go_live_approvals`.'),
});

const settings = z.strictObject({
  remind_after: field.duration
    .prefault(DEFAULT_TIMES.remindAfter)
    .describe('After this time an open gate reminds.'),
  escalate_after: field.duration
    .prefault(DEFAULT_TIMES.escalateAfter)
    .describe('After this time the next in line is told too.'),
  valid_for: field.duration
    .prefault(DEFAULT_TIMES.approvalValidFor)
    .describe('An approval counts for this long.'),
  one_person_many_roles: z
    .boolean()
    .prefault(false)
    .describe('Whether one person may fill two required roles of a gate.'),
  rules: z
    .array(rule)
    .max(50)
    .prefault([])
    .describe('Approvals that go-live needs besides `go_live_approvals`, by environment and by risk.'),
  solo: z
    .boolean()
    .prefault(false)
    .describe(
      'Whether who asked for a release, or wrote the hotfix, may approve it alone, in every role that they have. For a product that one person maintains: nobody else looks at what goes live.',
    ),
});

/** `solo` is a word for one of the settings. */
export const approvalsSchema = z
  .union([z.literal('solo', { error: 'solo' }), settings], { error: 'solo, or the settings of approvals' })
  .transform((section) => (section === 'solo' ? settings.parse({ solo: true }) : section))
  .prefault({})
  .describe('How approvals are asked for; `solo` is `{ solo: true }`.');
