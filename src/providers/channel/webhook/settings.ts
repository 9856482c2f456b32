import * as field from '../../../config/schema/fields.ts';
import { defineChannel } from '../channel.ts';

export const webhookChannel = defineChannel({
  title: 'webhook',
  effect: 'webhook',
  keepsEachOnce: false,
  keys: {
    webhook: field.url.optional().describe('A URL that gets a JSON body.'),
    secret: field.secretName.optional().describe('With `webhook`: signs the body (HMAC-SHA256).'),
  },
  secrets: ['secret'],
  urls: ['webhook'],
  read: ({ webhook, secret }) => ({ webhook: webhook!, ...(secret === undefined ? {} : { secret }) }),
  load: () => import('./webhook.ts'),
});
