/**
 * Takes secrets out of bytes that leave the worker: logs, results, error messages. Works on bytes, so that binary
 * output passes unharmed, and on streams, so that a secret split over two writes is found all the same.
 *
 * A secret is found as it is, line by line (keys in PEM form), in base64 and base64url (also in the middle of a longer
 * encoded text, as in `user:secret`), URL-encoded, JSON-escaped and in hexadecimal; what is encoded also where a program
 * has wrapped it into lines or groups, and in dumps with their columns. Secrets shorter than four characters are left alone: hiding them would hide half
 * the log and betray them by the gaps.
 */

import { findDumped, keepDumpWhole, type Span } from './find-dumped.ts';
import { squeeze } from './squeeze.ts';

/** What stands where a secret stood. Neighbouring and overlapping secrets become one mark, which hides their lengths. */
export const MASK = '***';

const SHORTEST_SECRET = 4;
/** A piece of a longer base64 text must be this long to be told from ordinary words. */
const SHORTEST_PIECE = 6;
/** So long must an encoded form be to be looked for across blanks: less than that, ordinary words might make. */
const SHORTEST_WRAPPED = 8;

/** A masker for one stream. Not to be shared between streams. */
export interface Masker {
  /** Takes the next bytes and gives those that can no longer be part of a secret. */
  push(chunk: Uint8Array): Buffer;
  /** Gives what was held back. The masker is then as new. */
  flush(): Buffer;
}

/** Makes a masker for one stream of bytes. Memory: the longest form of a secret, with as many gaps as it may have. */
export function createMasker(secrets: readonly string[]): Masker {
  const forms = secretForms(secrets);
  const longest = longestOf(forms.all);
  const longestWrapped = longestOf(forms.wrapped);
  const longestRaw = longestOf(forms.raw);
  let held: Buffer = Buffer.alloc(0);
  /** Up to which offset of `held` is already behind a mark that was given out; -1 when there is none. */
  let covered = -1;

  const give = (until: number): Buffer => {
    const spans = mergeSpans([
      ...findSpans(held, forms.all),
      ...findWrapped(held, forms.wrapped),
      ...findDumped(held, forms.raw),
    ]);
    const parts: Buffer[] = [];
    let position = 0;
    if (covered >= 0) {
      // A span that goes on from the last call: its mark is out, only its end may have moved.
      while (spans[0] && spans[0].start <= covered) covered = Math.max(covered, spans.shift()!.end);
      position = Math.min(covered, until);
    }
    let end = covered >= until ? covered : -1;
    for (const span of spans) {
      if (span.start >= until) break;
      parts.push(held.subarray(position, span.start), Buffer.from(MASK));
      position = Math.min(span.end, until);
      end = span.end >= until ? span.end : -1;
    }
    if (position < until) {
      parts.push(held.subarray(position, until));
      end = -1;
    }
    held = Buffer.from(held.subarray(until));
    covered = end >= 0 ? end - until : -1;
    return Buffer.concat(parts);
  };

  return {
    push(chunk) {
      if (longest === 0) return Buffer.from(chunk);
      held = held.length === 0 ? Buffer.from(chunk) : Buffer.concat([held, chunk]);
      // A form that starts before this point lies in `held` as a whole, wrapped or not.
      const { places } = squeeze(held);
      // One more: a last backslash may turn out to be part of a gap.
      const wrapped = longestWrapped === 0 ? held.length : (places[places.length - longestWrapped] ?? 0);
      const whole = Math.min(held.length - (longest - 1), wrapped);
      const safe = keepDumpWhole(held, whole, longestRaw);
      return safe > 0 ? give(safe) : Buffer.alloc(0);
    },
    flush() {
      const rest = give(held.length);
      covered = -1;
      return rest;
    },
  };
}

/** The text without the secrets. */
export function maskText(text: string, secrets: readonly string[]): string {
  const masker = createMasker(secrets);
  return Buffer.concat([masker.push(Buffer.from(text)), masker.flush()]).toString();
}

/** A JSON value of the same shape whose texts (names of members too) are without the secrets. */
export function maskJson(value: unknown, secrets: readonly string[]): unknown {
  if (typeof value === 'string') return maskText(value, secrets);
  if (Array.isArray(value)) return value.map((item) => maskJson(item, secrets));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [maskText(name, secrets), maskJson(member, secrets)]),
  );
}

function findSpans(bytes: Buffer, patterns: readonly Buffer[]): Span[] {
  const spans: Span[] = [];
  for (const pattern of patterns) {
    for (let at = bytes.indexOf(pattern); at >= 0; at = bytes.indexOf(pattern, at + 1)) {
      spans.push({ start: at, end: at + pattern.length });
    }
  }
  return spans;
}

/** Encoded forms with gaps in them; their places are those in `bytes`. */
function findWrapped(bytes: Buffer, patterns: readonly Buffer[]): Span[] {
  const { bytes: squeezed, places } = squeeze(bytes);
  return findSpans(squeezed, patterns).map(({ start, end }) => ({
    start: places[start] ?? 0,
    end: (places[end - 1] ?? 0) + 1,
  }));
}

function longestOf(patterns: readonly Buffer[]): number {
  return patterns.reduce((most, pattern) => Math.max(most, pattern.length), 0);
}

function mergeSpans(spans: Span[]): Span[] {
  spans.sort((a, b) => a.start - b.start);
  const merged: Span[] = [];
  for (const span of spans) {
    const last = merged.at(-1);
    if (last && span.start <= last.end) last.end = Math.max(last.end, span.end);
    else merged.push({ ...span });
  }
  return merged;
}

/**
 * Every form under which secrets are looked for, without doubles; `wrapped`: those that programs break into lines;
 * `raw`: what dumps show.
 */
function secretForms(secrets: readonly string[]): Record<'all' | 'wrapped' | 'raw', Buffer[]> {
  const raw = new Set<string>();
  const plain = new Set<string>();
  const encoded = new Set<string>();
  for (const given of secrets) {
    for (const secret of new Set([given, given.trim(), ...given.split(/\r?\n/)])) {
      if (secret.length < SHORTEST_SECRET) continue;
      raw.add(secret);
      const bytes = Buffer.from(secret);
      const hex = bytes.toString('hex');
      for (const form of [secret, JSON.stringify(secret).slice(1, -1), ...urlForms(secret)]) plain.add(form);
      for (const form of [hex, hex.toUpperCase()]) encoded.add(form);
      for (const form of base64Forms(bytes))
        encoded.add(form).add(form.replaceAll('+', '-').replaceAll('/', '_'));
    }
  }
  const toBuffers = (forms: Iterable<string>, shortest: number) =>
    [...forms].filter((form) => form.length >= shortest).map((form) => Buffer.from(form));
  return {
    all: toBuffers(new Set([...plain, ...encoded]), SHORTEST_SECRET),
    wrapped: toBuffers(encoded, SHORTEST_WRAPPED),
    raw: toBuffers(raw, SHORTEST_SECRET),
  };
}

function urlForms(secret: string): string[] {
  if (!secret.isWellFormed()) return [];
  const plain = encodeURIComponent(secret);
  const strict = plain.replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
  const forms = [plain, strict, strict.replaceAll('%20', '+'), encodeURI(secret)];
  return [...forms, ...forms.map((form) => form.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()))];
}

/**
 * The base64 of the bytes alone, and the part of it that does not depend on neighbours for each of the three places at
 * which the bytes can start inside a longer text: six bits a character, so the first and the last may be shared.
 */
function base64Forms(bytes: Buffer): string[] {
  const alone = bytes.toString('base64');
  const forms = [alone, alone.replace(/=+$/, '')];
  for (const [before, shared] of [
    [0, 0],
    [1, 2],
    [2, 3],
  ] as const) {
    const length = before + bytes.length;
    const encoded = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const piece = encoded.slice(shared, length % 3 === 0 ? undefined : -1);
    if (piece.length >= SHORTEST_PIECE) forms.push(piece);
  }
  return forms;
}
