import * as field from '../../../config/schema/fields.ts';
import { defineMetricSource } from '../metric-source.ts';

export const issuesSource = defineMetricSource({
  keys: { issues: field.label.optional().describe('The number of open issues with this label.') },
  asksHost: true,
  complete: ({ kind }) => ({ kind: kind ?? 'issues' }),
  read: ({ issues }) => ({ issues: { label: issues! } }),
  load: () => import('./look.ts'),
});
