/** An environment of a product in `windlass.yaml`. */

import { z } from 'zod';
import { METRIC_SOURCES } from '../../providers/metrics/sources.ts';
import { joinKeys, joinSections } from '../../providers/settings.ts';
import { ENVIRONMENT_KINDS, RESTORE_POLICIES } from '../../release/names.ts';
import { DEFAULT_TIMES } from '../../release/policy/default-times.ts';
import { ENVIRONMENT_SCRIPT_NAMES, SEVERITIES } from '../../release/settings.ts';
import { COMPARISONS, CRITICALITIES } from '../../release/verdict/check.ts';
import * as field from './fields.ts';
import { scriptsSchema } from './script-schema.ts';

const source = field.exactlyOneOf(z.strictObject(joinKeys(METRIC_SOURCES)), Object.keys(METRIC_SOURCES));

const figure = z.number({ error: 'a number' });

/** The keys are here for completion and spelling; what values make sense together the judge's own reader says. */
const check = z.strictObject({
  name: field
    .text(/^[a-z][a-z0-9_-]{0,59}$/, 'the name of a check: lower-case letters, digits, _ and -')
    .describe('The name of the figure.'),
  source: source.describe('Where its samples come from.'),
  severity: z.enum(SEVERITIES).prefault('high').describe('The severity of an incident if it fails.'),
  kind: z
    .string()
    .optional()
    .describe('`ratio`, `sample`, `count`, or a word such as `latency`. Default: by source and name.'),
  direction: z
    .string()
    .optional()
    .describe('`lower_is_better`, `higher_is_better` or `either`. Default: by kind and name.'),
  compare: z.enum(COMPARISONS).optional().describe('`none`: judged by its limit alone. Default: `baseline`.'),
  criticality: z
    .enum(CRITICALITIES)
    .optional()
    .describe('`critical`: no data holds the release. `advisory`: never decides. Default: `normal`.'),
  limit: figure.optional().describe('A value of its own that must not be passed.'),
  gross_limit: figure.optional().describe('A value that fails at once.'),
  breaches: figure.optional().describe('So many of the last `of` samples beyond `limit` fail.'),
  of: figure.optional().describe('See `breaches`.'),
  hysteresis: figure.optional().describe('Share of `limit` by which a sample must come back.'),
  relative_limit: figure
    .optional()
    .describe('The change against the baseline that must be caught, such as 1.2.'),
  minimum_samples: figure.optional().describe('Fewer samples than this: inconclusive.'),
  minimum_requests: figure.optional().describe('Fewer requests than this: inconclusive.'),
  minimum_coverage: figure.optional().describe('Least share of the window with data, 0 to 1.'),
  host_noise: figure.optional().describe('How far two healthy hosts differ for good, as a share.'),
});

const span = (words: { days: string; from: string; until: string }) => ({
  time_zone: field.timeZone.describe('IANA time zone of the times.'),
  from: field.localDateTime.optional().describe('Start of one span.'),
  until: field.localDateTime.optional().describe('End of one span.'),
  weekly: z
    .strictObject({
      days: z.array(field.day).min(1).describe(words.days),
      from: field.timeOfDay.describe(words.from),
      until: field.timeOfDay.describe(words.until),
    })
    .optional()
    .describe('A span of every week.'),
});

const freeze = field.exactlyOneOf(
  z.strictObject({
    name: field.line.describe('Why nothing is shipped.'),
    ...span({ days: 'Days of the week.', from: 'Start on each day.', until: 'End on each day.' }),
  }),
  ['from', 'weekly'],
);

const deployWindow = field.exactlyOneOf(
  z.strictObject(
    span({
      days: 'Days of the week on which it opens.',
      from: 'When it opens.',
      until: 'When it closes: on the next day, where that is not later than `from`.',
    }),
  ),
  ['from', 'weekly'],
);

const BATCH = 'a whole number of instances (1 to 1000), or a share from 1% to 100%';

const batch = z.union([z.int().min(1).max(1000), z.string().regex(/^(?:[1-9]\d?|100)%$/)], { error: BATCH });

export const environmentSchema = z
  .strictObject({
    kind: z
      .enum(ENVIRONMENT_KINDS)
      .optional()
      .describe(
        'What it is for: a stage on the way (`staging`), in the order of the file, or `production`. The names `staging` and `production` say so themselves.',
      ),
    wave: z
      .int({ error: 'a whole number (1 to 100)' })
      .min(1)
      .max(100)
      .optional()
      .describe(
        'Production: environments of one wave are deployed at the same time, waves one after another. Default: a wave of its own, in the order of the file.',
      ),
    url: field.url.describe('Its public address.'),
    scripts: scriptsSchema(ENVIRONMENT_SCRIPT_NAMES)
      .prefault({})
      .describe("The product's own programs for it."),
    variables: z
      .record(field.variableName, field.variableValue)
      .prefault({})
      .describe('Plain variables for its scripts.'),
    secrets: z
      .record(field.variableName, field.secretName)
      .prefault({})
      .describe('Variables for its scripts whose values are secrets.'),
    instances: z
      .int({ error: 'a whole number of instances (1 to 1000)' })
      .min(1)
      .max(1000)
      .prefault(1)
      .describe('How many run; for rolling.'),
    rolling: z
      .strictObject({
        batch: batch
          .prefault(1)
          .describe('How many are replaced at a time: a number, or a share such as `25%` (rounded down).'),
      })
      .prefault({})
      .describe('How a rolling deployment goes. Each batch is verified before the next.'),
    canary: z
      .array(
        z.strictObject({
          percent: z
            .int({ error: 'a whole number of per cent (1 to 100)' })
            .min(1)
            .max(100)
            .describe('Share of the traffic.'),
          soak: field.duration.prefault(DEFAULT_TIMES.noSoak).describe('How long it stays there.'),
        }),
      )
      .min(1)
      .prefault([
        { percent: 10, soak: DEFAULT_TIMES.soak },
        { percent: 50, soak: DEFAULT_TIMES.soak },
        { percent: 100, soak: DEFAULT_TIMES.noSoak },
      ])
      .describe('The steps of a canary. The last one is 100.'),
    restore_database: z
      .enum(RESTORE_POLICIES)
      .prefault('ask')
      .describe(
        'Whether a rollback restores the backup, which loses every write since then: `always` by itself once migrations were applied, `ask` when a person says so.',
      ),
    ...joinSections(METRIC_SOURCES),
    checks: z.array(check).prefault([]).describe('What monitoring watches.'),
    deploy_windows: z
      .array(deployWindow)
      .prefault([])
      .describe('The only times at which a change of this production environment begins. None: at any time.'),
    freezes: z.array(freeze).prefault([]).describe('When nothing goes to this environment.'),
  })
  .describe('An environment, by name.');

export type EnvironmentFile = z.output<typeof environmentSchema>;
export type CheckFile = z.output<typeof check>;
