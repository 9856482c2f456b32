import type { CommandName, PlainCommand, SignedCommand } from '../../contracts/commands.ts';
import type { Severity } from '../../release/settings.ts';
import { SEVERITIES } from '../../release/settings.ts';

export type Incoming =
  | { form: 'signed'; name: CommandName; signed: SignedCommand }
  | { form: 'plain'; name: CommandName; plain: PlainCommand }
  | { form: 'malformed'; name: string; reason: string };

/**
 * What a signal's argument is. Total: anybody can send anything, and a handler that throws would wedge the workflow.
 */
export function readCommand(name: CommandName, argument: unknown): Incoming {
  if (argument === undefined || argument === null) return { form: 'plain', name, plain: {} };
  if (typeof argument !== 'object') {
    return { form: 'malformed', name, reason: `its argument is ${typeof argument}, not an object` };
  }
  const value = argument as Record<string, unknown>;
  if ('undecodable' in value) {
    return {
      form: 'malformed',
      name,
      reason: `its payload cannot be decoded (${text(value['undecodable'])})`,
    };
  }
  if ('signed' in value) return readSigned(name, value);
  const plain: PlainCommand = {};
  if (typeof value['reason'] === 'string') plain.reason = value['reason'].slice(0, 1_000);
  if (typeof value['person'] === 'string') plain.person = value['person'].slice(0, 100);
  if (SEVERITIES.includes(value['severity'] as Severity)) plain.severity = value['severity'] as Severity;
  if (isPositive(value['extendMs'])) plain.extendMs = value['extendMs'];
  return { form: 'plain', name, plain };
}

function readSigned(name: CommandName, value: Record<string, unknown>): Incoming {
  const { signed, keyId, signature } = value;
  if (typeof signed !== 'string' || typeof keyId !== 'string' || typeof signature !== 'string') {
    return { form: 'malformed', name, reason: 'signed, keyId and signature must be texts' };
  }
  if (signed.length > 8_192 || signature.length > 512 || keyId.length > 100) {
    return { form: 'malformed', name, reason: 'the signed text is too long' };
  }
  return { form: 'signed', name, signed: { signed, keyId, signature } };
}

function isPositive(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0;
}

function text(value: unknown): string {
  return String(value).slice(0, 200);
}
