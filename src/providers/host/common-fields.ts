import { z } from 'zod';
import type { FieldKinds } from './host-kind.ts';

/** The fields that every host's section has, beside where its repository is. */
export function commonFields(field: FieldKinds) {
  return {
    token: field.secretName.describe('Token for issues, pull requests and releases.'),
    blocking_labels: z
      .array(field.label)
      .prefault(['critical', 'high'])
      .describe('Open issues with these block a release.'),
    customer_label: field.label.prefault('customer-reported').describe('Marks what customers report.'),
  };
}
