import { z } from 'zod';
import * as field from '../../../config/schema/fields.ts';
import { defineMetricSource } from '../metric-source.ts';
import { completeHttpCheck, refuseHttpCheck } from './complete-check.ts';

export const httpSource = defineMetricSource({
  keys: {
    http: field.url
      .optional()
      .describe(
        'An address that is asked, five times at each look: the share of failed answers in per cent, lower is better, limit 5 where nothing is said. `kind: latency`: the time of the slowest in milliseconds.',
      ),
    expect_status: z.int().min(100).max(599).optional().describe('With `http`: the status that is right.'),
  },
  urls: ['http'],
  complete: completeHttpCheck,
  refuse: refuseHttpCheck,
  read: ({ http: url, expect_status: expectStatus }) => ({
    http: { url: url!, ...(expectStatus === undefined ? {} : { expectStatus }) },
  }),
  load: () => import('./look.ts'),
});
