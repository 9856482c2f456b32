import { z } from 'zod';
import { pathPattern } from './fields.ts';

/** What a product says of its migrations. */
export const migrationsSchema = z
  .strictObject({
    backward_compatible: z
      .boolean()
      .prefault(true)
      .describe('Whether the version before still works on the migrated database.'),
    paths: z
      .array(pathPattern)
      .min(1)
      .optional()
      .describe(
        'Where its migrations are, for approval rules. Default: folders named migrations, migration, migrate or alembic/versions.',
      ),
    compatible_over: z
      .number()
      .int()
      .min(1)
      .max(100)
      .prefault(1)
      .describe('Over how many versions that holds; going back further asks a person first.'),
  })
  .prefault({})
  .describe('What a rollback may count on.');
