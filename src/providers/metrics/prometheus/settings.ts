import { z } from 'zod';
import { withoutSlash } from '../../../config/normalise/paths.ts';
import * as field from '../../../config/schema/fields.ts';
import { defineMetricSource } from '../metric-source.ts';

const prometheus = z
  .strictObject({ url: field.url.transform(withoutSlash).describe('Its address.') })
  .optional()
  .describe('Where metrics are asked for.');

export type PrometheusSection = z.output<typeof prometheus>;

export const prometheusSource = defineMetricSource({
  keys: {
    prometheus: field.query.optional().describe('A query; `prometheus.url` of the environment answers it.'),
    requests: field.query
      .optional()
      .describe('With `prometheus`: the query for the number of requests behind it.'),
  },
  section: {
    shape: { prometheus },
    urls: ['prometheus.url'],
    missing: 'prometheus.url in the environment, which answers this query',
  },
  complete: ({ kind }, { requests }) => ({ kind: kind ?? (requests === undefined ? undefined : 'ratio') }),
  read: ({ prometheus: query, requests }) => ({
    prometheus: { query: query!, ...(requests === undefined ? {} : { requests }) },
  }),
  load: () => import('./look.ts'),
});
