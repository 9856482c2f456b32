/**
 * Readers of what came from outside: each gives the value in the shape that it promises, or `undefined`. None throws,
 * whatever it is given: a handler of a signal that throws wedges its workflow for ever.
 */
import { withoutControls } from '../plan/printable.ts';
import type { StoreRef } from '../store-ref.ts';

/** Gives a value of its type, or `undefined` for everything that is none. */
export type Read<T> = (value: unknown) => T | undefined;

/** A member that may be absent; one that is there must still be right. */
export interface Optional<T> {
  optional: Read<T>;
  /** One that is wrong counts as absent. */
  lenient?: true;
}

/** What an object's members are read by. */
export type Shape = Record<string, Read<unknown> | Optional<unknown>>;

type Needed<S extends Shape> = { [K in keyof S as S[K] extends Read<unknown> ? K : never]: ValueOf<S[K]> };
type Maybe<S extends Shape> = {
  [K in keyof S as S[K] extends Optional<unknown> ? K : never]?: ValueOf<S[K]>;
};
type ValueOf<R> = R extends Read<infer T> ? T : R extends Optional<infer T> ? T : never;
/** What an object of this shape is. */
export type Fields<S extends Shape> = Needed<S> & Maybe<S>;

/** Text, cut to `longest` characters, without control characters: a database refuses some of them altogether. */
export function text(longest: number): Read<string> {
  return (value) =>
    typeof value === 'string' ? withoutControls(value.slice(0, longest + 1)).slice(0, longest) : undefined;
}

/** Text of several lines, such as the end of a log: its end is kept. */
export function tail(longest: number): Read<string> {
  return (value) => (typeof value === 'string' ? withoutControls(value.slice(-longest)) : undefined);
}

/** A name that is compared or looked up: taken whole or not at all. Never empty. */
export function name(longest = 300): Read<string> {
  return (value) =>
    typeof value === 'string' && value !== '' && value.length <= longest && withoutControls(value) === value
      ? value
      : undefined;
}

/** A digest as the store writes it. */
export const digest: Read<`sha256:${string}`> = (value) =>
  typeof value === 'string' && /^sha256:[0-9a-f]{64}$/.test(value)
    ? (value as `sha256:${string}`)
    : undefined;

/** Where bytes are in the store. */
export const storeRef: Read<StoreRef> = (value) => readRef(value);

/** A finite number, from `least` on. */
export function number(least = 0): Read<number> {
  return (value) =>
    typeof value === 'number' && Number.isFinite(value) && value >= least ? value : undefined;
}

/** A whole number, from `least` on. */
export function whole(least = 0): Read<number> {
  return (value) =>
    Number.isSafeInteger(value) && (value as number) >= least ? (value as number) : undefined;
}

/** `true` or `false`. */
export const flag: Read<boolean> = (value) => (typeof value === 'boolean' ? value : undefined);

/** `true`; what says no is left out. */
export const isTrue: Read<true> = (value) => (value === true ? true : undefined);

/** A moment in UTC as JavaScript writes it (ISO 8601 with a Z). */
export const moment: Read<string> = (value) =>
  typeof value === 'string' &&
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/.test(value) &&
  Number.isFinite(Date.parse(value))
    ? value
    : undefined;

/** One of a closed set of words. */
export function oneOf<T extends string>(words: readonly T[]): Read<T> {
  return (value) => words.find((word) => word === value);
}

/** A list whose every member is right; what is beyond `most` is left out. */
export function list<T>(read: Read<T>, most: number): Read<T[]> {
  return (value) => {
    if (!Array.isArray(value)) return undefined;
    const members = value.slice(0, most).map((member) => read(member));
    return members.every((member) => member !== undefined) ? (members as T[]) : undefined;
  };
}

/** A member that may be absent. */
export function optional<T>(read: Read<T>): Optional<T> {
  return { optional: read };
}

/** A member that counts only where it is right: what else the message says is not lost because of it. */
export function lenient<T>(read: Read<T>): Optional<T> {
  return { optional: read, lenient: true };
}

/** An object with these members; others are left out. */
export function fields<S extends Shape>(shape: S): Read<Fields<S>> {
  return (value) => {
    const object = asObject(value);
    if (!object) return undefined;
    const result: Record<string, unknown> = {};
    for (const [key, member] of Object.entries(shape)) {
      const given = Object.hasOwn(object, key) ? object[key] : undefined;
      if (typeof member !== 'function' && (given === undefined || given === null)) continue;
      const read = (typeof member === 'function' ? member : member.optional)(given);
      if (read === undefined && typeof member !== 'function' && member.lenient) continue;
      if (read === undefined) return undefined;
      result[key] = read;
    }
    return result as Fields<S>;
  };
}

/** A value as an object whose members can be looked at; lists are none. */
export function asObject(value: unknown): Record<string, unknown> | undefined {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

const readRef = fields({ digest, bytes: whole(), mediaType: optional(name(100)) });
