import {
  fields,
  flag,
  isTrue,
  lenient,
  name,
  number,
  oneOf,
  type Read,
  text,
} from '../../release/record/read-fields.ts';
import { SEVERITIES } from '../../release/settings.ts';
import type { Steer } from '../workflows.ts';
import { STEERS } from '../workflows.ts';
import { readSignature } from './read-command.ts';

const LONGEST_MS = 366 * 24 * 3_600_000;

/** What an operator decided about a deployment, or `undefined` for what is no steer. Total. */
export const readSteer: Read<Steer> = (argument) => {
  const read = steer(argument);
  if (!read) return undefined;
  const { extendMs, ...rest } = read;
  return {
    ...rest,
    by: rest.by ?? 'somebody',
    reason: rest.reason ?? '',
    verified: rest.verified ?? false,
    // A length of nothing, or of a thousand years, is none.
    ...(extendMs !== undefined && extendMs > 0 ? { extendMs: Math.min(extendMs, LONGEST_MS) } : {}),
  };
};

const steer = fields({
  what: oneOf(STEERS),
  by: lenient(text(100)),
  reason: lenient(text(1_000)),
  verified: lenient(flag),
  severity: lenient(oneOf(SEVERITIES)),
  extendMs: lenient(number()),
  incidentId: lenient(name(100)),
  incidentKey: lenient(name(500)),
  over: lenient(isTrue),
  reportTo: lenient(name(500)),
  signed: lenient(readSignature),
});
