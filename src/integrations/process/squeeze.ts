/** Bytes without the gaps at which programs break encoded text, and where each stood. */
export interface Squeezed {
  bytes: Buffer;
  /** For each byte its place in what was given. */
  places: Uint32Array;
}

/** Line ends and blanks up to this length only wrap a text; more of them end it. Bounds what has to be held back. */
export const LONGEST_GAP = 80;

const BLANKS = new Set([0x20, 0x09, 0x0a, 0x0d]);
const BACKSLASH = 0x5c;
const ESCAPED_BLANKS = new Set([0x6e, 0x72]);

/**
 * Takes out what stands between the pieces of a wrapped text: line ends and blanks (`base64`, `xxd -p`, `od`), and line
 * ends as JSON writes them (`\n`).
 */
export function squeeze(given: Buffer): Squeezed {
  const bytes = Buffer.alloc(given.length);
  const places = new Uint32Array(given.length);
  let length = 0;
  const keep = (at: number) => {
    bytes[length] = given[at] ?? 0;
    places[length] = at;
    length += 1;
  };
  for (let at = 0; at < given.length; ) {
    const end = endOfGap(given, at);
    if (end === at) keep(at);
    else if (end - at > LONGEST_GAP) for (let inside = at; inside < end; inside++) keep(inside);
    at = Math.max(end, at + 1);
  }
  return { bytes: bytes.subarray(0, length), places: places.subarray(0, length) };
}

function endOfGap(given: Buffer, from: number): number {
  let at = from;
  for (;;) {
    const byte = given[at];
    if (byte === undefined) return at;
    if (BLANKS.has(byte)) at += 1;
    else if (byte === BACKSLASH && ESCAPED_BLANKS.has(given[at + 1] ?? 0)) at += 2;
    else return at;
  }
}
