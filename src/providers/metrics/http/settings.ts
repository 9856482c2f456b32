import { z } from 'zod';
import * as field from '../../../config/schema/fields.ts';
import { defineMetricSource } from '../metric-source.ts';

export const httpSource = defineMetricSource({
  keys: {
    http: field.url.optional().describe('An address that is asked; the share of failed answers counts.'),
    expect_status: z.int().min(100).max(599).optional().describe('With `http`: the status that is right.'),
  },
  urls: ['http'],
  kindOf: () => 'probe',
  read: ({ http: url, expect_status: expectStatus }) => ({
    http: { url: url!, ...(expectStatus === undefined ? {} : { expectStatus }) },
  }),
  load: () => import('./look.ts'),
});
