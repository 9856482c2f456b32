/** The gates of a product: what it changes of the known ones, and its own. */
import { z } from 'zod';
import { OWN_GATE_REQUIRED_FOR } from '../../release/policy/gates.ts';
import { RELEASE_TYPES } from '../../release/settings.ts';
import * as field from './fields.ts';
import { scriptSchema } from './script-schema.ts';

/** Becomes a step's id and a part of an effect's key. */
export const gateName = field.text(
  /^[a-z][a-z0-9_-]{0,29}$/,
  'the name of a gate: lower-case letters, digits, _ and -, such as security (at most 30)',
);

const gate = z
  .strictObject({
    title: field.line.optional().describe('What people call it. Default: its name.'),
    script: scriptSchema
      .optional()
      .describe('Its program. The known gates run the one under `scripts` unless they get their own here.'),
    timeout: field.duration.optional().describe("Its time limit, instead of the script's. Default: 30m."),
    required_for: z
      .array(z.enum(RELEASE_TYPES))
      .optional()
      .describe(
        `The release types that it gates. Default: as in the table of the policy; for a gate of your own ${OWN_GATE_REQUIRED_FOR.join(', ')}.`,
      ),
    needs: z
      .array(gateName)
      .optional()
      .describe(
        'The gates that must have passed before it starts; `[]`: it starts at once, beside others. Default: for a gate of your own `[]`; the known ones run one after another.',
      ),
    advisory: z.boolean().optional().describe('`true`: a failure is recorded and does not halt the release.'),
    skippable: z
      .boolean()
      .optional()
      .describe(
        'Whether a person may pass over its failure with a reason; `release.require_quality_gates: false` makes such gates advisory. Default: `true` for `load` and `profiling`.',
      ),
    report: field.repositoryPath
      .optional()
      .describe("A file that its script leaves, from the product's folder; kept and shown with the result."),
  })
  .describe(
    'A gate, by name: `tests`, `regression`, `load`, `profiling`, `container`, `smoke`, or your own.',
  );

export const gatesSchema = z
  .record(gateName, gate)
  .prefault({})
  .describe('Automatic gates on the built bytes, beside the known ones or instead of what is known of them.');

export type GatesFile = z.output<typeof gatesSchema>;
