import { z } from 'zod';
import { withoutSlash } from '../../../config/normalise/paths.ts';
import * as field from '../../../config/schema/fields.ts';
import { defineStore } from '../store-provider.ts';

const s3 = z
  .strictObject({
    endpoint: field.url.describe("The object store's address."),
    bucket: field.text(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'a bucket name').describe('The bucket.'),
    region: field
      .text(/^[a-z0-9-]{1,40}$/, 'a region')
      .prefault('us-east-1')
      .describe('The region.'),
    access_key_id: field.text(/^[\w-]{3,128}$/, 'an access key id').describe('The access key id.'),
    secret_access_key: field.secretName.describe('The secret access key.'),
  })
  .optional()
  .describe('An S3 compatible bucket, for workers on several machines.');

export const s3Store = defineStore({
  keys: { s3 },
  secrets: ['s3.secret_access_key'],
  urls: ['s3.endpoint'],
  read: (entry) => {
    const { endpoint, bucket, region, access_key_id: accessKeyId, secret_access_key } = entry.s3!;
    const kind = 's3' as const;
    return {
      kind,
      endpoint: withoutSlash(endpoint),
      bucket,
      region,
      accessKeyId,
      secretAccessKey: secret_access_key,
    };
  },
  load: () => import('./s3-store.ts'),
});
