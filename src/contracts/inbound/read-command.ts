import {
  name as aName,
  asObject,
  fields,
  lenient,
  number,
  oneOf,
  type Read,
  text,
} from '../../release/record/read-fields.ts';
import { SEVERITIES } from '../../release/settings.ts';
import type { CommandName, PlainCommand, SignedCommand } from '../commands.ts';

/** What a signal says, before anybody knows whether it is true. */
export type Incoming =
  | { form: 'signed'; name: CommandName; signed: SignedCommand }
  | { form: 'plain'; name: CommandName; plain: PlainCommand }
  | { form: 'malformed'; name: string; reason: string };

/** The longest text that is verified: a command has a reason of a thousand characters at most. */
const LONGEST_SIGNED = 8_192;

/** The API's signature over a command, with the very text that it signed. */
export const readSignature: Read<SignedCommand> = fields({
  signed: aSignedText,
  keyId: aName(100),
  signature: aName(512),
});

const readPlain = fields({
  reason: lenient(text(1_000)),
  person: lenient(text(100)),
  severity: lenient(oneOf(SEVERITIES)),
  extendMs: lenient(number(1)),
  incidentId: lenient(aName(100)),
});

/**
 * What a signal's argument is. Total: anybody can send anything, and a handler that throws would wedge the workflow.
 */
export function readCommand(name: CommandName, argument: unknown): Incoming {
  if (argument === undefined || argument === null) return { form: 'plain', name, plain: {} };
  const value = asObject(argument);
  if (!value) {
    const what = Array.isArray(argument) ? 'a list' : typeof argument;
    return { form: 'malformed', name, reason: `its argument is ${what}, not an object` };
  }
  if (Object.hasOwn(value, 'undecodable')) {
    const why = text(200)(value['undecodable']) ?? 'no reason given';
    return { form: 'malformed', name, reason: `its payload cannot be decoded (${why})` };
  }
  if (!Object.hasOwn(value, 'signed')) return { form: 'plain', name, plain: readPlain(value) ?? {} };
  const signed = readSignature(value);
  if (signed) return { form: 'signed', name, signed };
  return {
    form: 'malformed',
    name,
    reason: 'signed, keyId and signature must be texts, of at most 8192, 100 and 512 characters',
  };
}

/** Taken as it is: what was signed counts to the last character. */
function aSignedText(value: unknown): string | undefined {
  return typeof value === 'string' && value.length <= LONGEST_SIGNED ? value : undefined;
}
