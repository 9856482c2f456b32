import { z } from 'zod';
import { ASKED_BUMPS } from '../../../release/names.ts';
import type { HostWebhook } from '../host-kind.ts';

const bump = z.enum(ASKED_BUMPS).catch('auto');

const dispatch = z.looseObject({
  repository: z.looseObject({ full_name: z.string().max(200) }).optional(),
  sender: z.looseObject({ login: z.string().max(100) }).optional(),
  inputs: z
    .looseObject({
      product: z.string().optional(),
      version_bump: z.string().optional(),
      bump: z.string().optional(),
    })
    .nullish(),
});

/** A workflow that somebody dispatched on GitHub. */
export const webhook: HostWebhook = {
  summary: 'GitHub: a dispatched workflow starts a release',
  body: dispatch,
  header: 'x-hub-signature-256',
  // Loaded by whoever is sent something, not by whoever reads the configuration.
  verify: async (...sent) =>
    await (await import('../../../integrations/signing/hmac-signature.ts')).verifyHmac(...sent),
  read: (headers, body) => {
    const event = headers['x-github-event'];
    if (event !== 'workflow_dispatch' && event !== 'repository_dispatch') {
      return { ignored: `nothing is to be done for ${String(event).slice(0, 50)}` };
    }
    const { inputs, repository, sender } = body as z.output<typeof dispatch>;
    const delivery = headers['x-github-delivery'];
    return {
      ...(inputs?.product === undefined ? {} : { product: inputs.product }),
      ...(repository === undefined ? {} : { project: repository.full_name }),
      ...(sender === undefined ? {} : { sender: sender.login }),
      bump: bump.parse(inputs?.version_bump ?? inputs?.bump),
      ...(typeof delivery === 'string' ? { key: delivery } : {}),
    };
  },
};
