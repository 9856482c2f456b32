import { z } from 'zod';

/** A path of this site only; `//host` and `/\host` are other sites. Anything else leads to the list. */
export const sitePath = z
  .string()
  .max(500)
  .regex(/^\/(?![/\\])[\x21-\x7e]*$/)
  .catch('/');
