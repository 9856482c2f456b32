import { z } from 'zod';
import { WORKER_ROLES } from '../../contracts/task-queues.ts';
import * as field from './fields.ts';

/** Which roles write the ledger, and with which keys. */
export const ledgerSchema = z
  .strictObject({
    keep: z
      .boolean()
      .prefault(true)
      .describe(
        '`false` only where nobody else reaches the namespace: nothing then says what a workflow may do but its own input. `windlass dev` makes keys of its own.',
      ),
    keys: z
      .array(
        z.strictObject({
          key_id: field.keyId.describe('The name of the key, carried by each entry.'),
          role: z.enum(WORKER_ROLES).describe('The role that signs with it.'),
          public_key: field
            .text(/^[A-Za-z0-9+/=_\s-]{40,1000}$/, 'an Ed25519 public key: PEM, or its 32 bytes in base64')
            .describe('Ed25519: PEM, or its 32 bytes in base64.'),
          private_key: field.secretName
            .optional()
            .describe(
              'The secret with the private key (PEM, PKCS 8), for that role alone. None: it only verifies.',
            ),
          not_after: field.instant.optional().describe('What is written later with this key does not count.'),
        }),
      )
      .prefault([])
      .describe(
        'The keys of the roles (`windlass keys ledger` makes one). The first of a role signs, every one verifies: to change it, put the new one first and keep the old one with `not_after`.',
      ),
  })
  .prefault({})
  .describe(
    'The ledger in the store: what was started, planned, built, tested, published and deployed, signed by the role that did it. What its workers do rests on it, and not on what anybody sends them.',
  );
