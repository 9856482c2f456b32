import { z } from 'zod';
import * as field from '../../../config/schema/fields.ts';
import { defineChannel } from '../channel.ts';

const mail = z
  .strictObject({
    host: field.host.describe('The SMTP server.'),
    port: field.port.prefault(587).describe('Its port.'),
    secure: z.boolean().prefault(false).describe('TLS from the first byte (usually port 465).'),
    user: field.line.optional().describe('User name.'),
    password: field.secretName.optional().describe('Password.'),
    from: field.email.describe("The sender's address."),
  })
  .describe('How mail is sent.');

/** The server that sends. */
export type MailSettings = z.output<typeof mail>;

export const mailChannel = defineChannel({
  title: 'mail',
  effect: 'mail',
  keepsEachOnce: false,
  keys: { email: z.array(field.email).min(1).optional().describe('Addresses; needs `mail`.') },
  section: {
    shape: { mail: mail.optional() },
    secrets: ['mail.password'],
    missing: 'a `mail` section at the top of the file, with the server that sends it',
  },
  read: ({ email }) => ({ email: email! }),
  load: () => import('./send-notice.ts'),
});
