import * as field from '../../../config/schema/fields.ts';
import { defineChannel } from '../channel.ts';

export const slackChannel = defineChannel({
  title: 'Slack',
  effect: 'slack',
  keepsEachOnce: false,
  keys: { slack: field.secretName.optional().describe("The secret with Slack's incoming webhook address.") },
  secrets: ['slack'],
  read: ({ slack }) => ({ slack: slack! }),
  load: () => import('./slack.ts'),
});
