/** Whose approval a gate takes, as the file writes it. */
import { z } from 'zod';
import { VIEWER } from '../../release/settings.ts';
import * as field from './fields.ts';
import { roleName } from './role-schema.ts';

/** More people than that are a meeting. */
const MOST = 20;

const decider = roleName.refine((role) => role !== VIEWER, {
  error: 'a role that may decide (a viewer only looks)',
});

const several = field.exactlyOneOf(
  z.strictObject({
    role: decider.optional().describe('The role of everybody who is asked.'),
    any_of: z.array(decider).min(1).optional().describe('Any of these roles will do.'),
    count: z
      .int({ error: `a whole number of people (1 to ${MOST})` })
      .min(1)
      .max(MOST)
      .prefault(1)
      .describe('How many different people must approve.'),
  }),
  ['role', 'any_of'],
);

/** One entry of a list of approvers: a role, one of several roles, or a number of people. */
export const approver = z.union([decider, several], {
  error: 'a role, { role: NAME, count: 2 }, or { any_of: [NAME, NAME], count: 1 }',
});

export type ApproverFile = z.output<typeof approver>;
