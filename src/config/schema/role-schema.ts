/** The roles of people: the mission's, what the team changes of them, and its own. */
import { z } from 'zod';
import { PERMISSION_NAMES } from '../../release/commands/permissions.ts';
import { ROLE_NAME } from '../../release/settings.ts';
import * as field from './fields.ts';

/** Is signed with every decision, and stands in the record for ever. */
export const roleName = field.text(
  ROLE_NAME,
  'the name of a role: lower-case letters, digits and underscores, such as security_officer (at most 30)',
);

const role = z
  .strictObject({
    may: z
      .array(z.enum(PERMISSION_NAMES))
      .optional()
      .describe(
        'What somebody with this role may command (`hold`) and start (`start_release`). Approvals are by the lists of the policy. Default: for a known role as in the table of permissions; for a role of your own nothing.',
      ),
    members: z
      .array(field.login)
      .optional()
      .describe('People of the file who have it, beside those who name it themselves: a group.'),
    claims: z
      .array(field.line)
      .optional()
      .describe(
        "The values of the identity provider's claim (`api.oidc.roles_claim`) that give this role, such as the name of a group. Default: its own name.",
      ),
  })
  .describe(
    'A role, by name: `ceo`, `engineering_lead`, `product_manager`, `release_manager`, `qa`, `on_call`, `operator`, `viewer`, or your own.',
  );

export const rolesSchema = z
  .record(roleName, role)
  .prefault({})
  .describe('Roles of people, beside the known ones or instead of what is known of them.');

export type RolesFile = z.output<typeof rolesSchema>;
