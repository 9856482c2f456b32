import { httpSource } from './http/settings.ts';
import { issuesSource } from './issues/settings.ts';
import { prometheusSource } from './prometheus/settings.ts';
import { scriptSource } from './script/settings.ts';

/** Where samples come from, by the key that stands for each in a check's `source`. */
export const METRIC_SOURCES = {
  prometheus: prometheusSource,
  http: httpSource,
  script: scriptSource,
  issues: issuesSource,
};
