/** Short signals between workflows and people that only say a text or two. */
import { fields, lenient, name, optional, type Read, text } from '../../release/record/read-fields.ts';

/** The workflow of a hotfix that asks for room; a name where the sender gives none. Total. */
export function readPreempt(argument: unknown): string {
  return name(200)(argument) ?? 'a hotfix';
}

/** For when a release was scheduled that could not start. Total. */
export function readSkipped(argument: unknown): string {
  return said(text(100)(argument)) ?? 'a time not known';
}

/** From a rollback to the run whose version it takes back. */
export interface TakeBack {
  version: string;
  by: string;
  reason: string;
  /** Of the rollback: how it ends is how the run ends. Those from before it was asked do not say. */
  runId?: string;
}

/** What a rollback says to the run whose version it takes back; `undefined` for what says no such thing. Total. */
export const readTakeBack: Read<TakeBack> = fields({
  version: name(200),
  by: name(500),
  reason: text(1_000),
  runId: optional(name(100)),
});

/** Who takes a post-mortem over; `undefined` where nobody is named. Total. */
export function readOwner(argument: unknown): string | undefined {
  return said(fields({ owner: text(500) })(argument)?.owner);
}

/** How a post-mortem is closed. What is not said stays open for the workflow to fill in. Total. */
export function readClose(argument: unknown): { by?: string; reason?: string } {
  const { by, reason } = close(argument) ?? {};
  return {
    ...(said(by) === undefined ? {} : { by: said(by) as string }),
    ...(said(reason) === undefined ? {} : { reason: said(reason) as string }),
  };
}

/** Why a person leaves an environment as it is. Total. */
export function readReason(argument: unknown): string {
  return said(fields({ reason: text(500) })(argument)?.reason) ?? 'no reason given';
}

const close: Read<{ by?: string; reason?: string }> = fields({
  by: lenient(text(500)),
  reason: lenient(text(500)),
});

function said(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === '' ? undefined : value;
}
