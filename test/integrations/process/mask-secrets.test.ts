import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMasker, maskJson, maskText } from '../../../src/integrations/process/mask-secrets.ts';

const TOKEN = 'npm_S3cret/+Token&äöü';

describe('masking secrets', () => {
  it.each([
    ['as it is', TOKEN],
    ['in base64', Buffer.from(TOKEN).toString('base64')],
    ['in base64url', Buffer.from(TOKEN).toString('base64url')],
    ['URL-encoded', encodeURIComponent(TOKEN)],
    ['URL-encoded in lower case', encodeURIComponent(TOKEN).replace(/%../g, (code) => code.toLowerCase())],
    ['as a form field', new URLSearchParams({ t: TOKEN }).toString().slice(2)],
    ['in hexadecimal', Buffer.from(TOKEN).toString('hex')],
  ])('hides a secret %s', (_form, text) => {
    expect(maskText(`before ${text} after`, [TOKEN])).toBe('before *** after');
  });

  it.each(['', 'a', 'ab', 'abc:'])(
    'hides it in the base64 of a longer text, at whatever place (%j before it)',
    (before) => {
      const encoded = Buffer.from(`${before}${TOKEN}-and-more`).toString('base64');
      const masked = maskText(encoded, [TOKEN]);
      const clear = masked.split('***').map((part) => Buffer.from(part, 'base64').toString('latin1'));
      expect(masked).toContain('***');
      // What is left decodes to nothing of the secret but a character at either end that it shares with its neighbours.
      for (const part of clear) expect(part).not.toMatch(/S3cre|Token/);
    },
  );

  it('hides each line of a key and the JSON form of a secret with line feeds', () => {
    const key = '-----BEGIN KEY-----\nMIIEvQIBADANBg\nkqhkiG9w0BAQ==\n-----END KEY-----\n';
    expect(maskText('got kqhkiG9w0BAQ== here', [key])).toBe('got *** here');
    expect(maskText(`{"key":${JSON.stringify(key)}}`, [key])).not.toMatch(/MIIEv|kqhki/);
  });

  const LONG = `ghs_${'Xk7-q/2+ Zw9'.repeat(20)}`;
  const inLines = (text: string, width: number, end = '\n') =>
    (text.match(new RegExp(`.{1,${width}}`, 'g')) ?? []).join(end);
  const base64 = Buffer.from(LONG).toString('base64');
  const hex = Buffer.from(LONG).toString('hex');
  it.each([
    ['base64 (76)', inLines(base64, 76)],
    ['openssl base64 (64)', inLines(base64, 64)],
    ['a mail, with CR and LF', inLines(base64, 76, '\r\n')],
    ['YAML, indented', inLines(base64, 60, '\n        ')],
    ['JSON in a string', JSON.stringify(inLines(base64, 76)).slice(1, -1)],
    ['xxd -p', inLines(hex, 60)],
    ['od -An -tx1', inLines(inLines(hex, 2, ' '), 48, '\n ')],
    ['hexadecimal in capitals and pairs', inLines(hex.toUpperCase(), 2, ' ')],
    ['base64 of a longer text', inLines(Buffer.from(`user:${LONG}\n and more`).toString('base64'), 76)],
  ])('hides a long secret as %s wraps it, however the stream is cut', (_, wrapped) => {
    for (const size of [1, 7, 64, 10_000]) {
      const masker = createMasker([LONG]);
      const bytes = Buffer.from(`before\n${wrapped}\nafter, and the rest of the log\n`);
      const out: Buffer[] = [];
      for (let at = 0; at < bytes.length; at += size) out.push(masker.push(bytes.subarray(at, at + size)));
      const masked = Buffer.concat([...out, masker.flush()]).toString();
      expect(masked).toMatch(/^before\n.{0,12}\*\*\*[\s\S]{0,24}\nafter, and the rest of the log\n$/);
    }
  });

  const SHORT = 'Zw9q/2+k';
  const PER_LINE: Record<string, number> = {
    'xxd -g4 -c 8': 8,
    'xxd -c 3': 3,
    'xxd -b': 6,
    'od -t x1 -w5': 5,
  };
  it.each([
    ...['xxd', 'xxd -g1', 'xxd -g4 -c 8', 'xxd -u', 'xxd -e', 'xxd -b', 'xxd -c 3'],
    ...['od', 'od -c', 'od -a', 'od -b', 'od -x', 'od -A x -t x1z', 'od -A d -t x4', 'od -t x1 -w5'],
    ...['hexdump', 'hexdump -C', 'hexdump -b', 'hexdump -c'],
  ])('hides a secret in the lines of %s, however the stream is cut', (command) => {
    const [program = '', ...options] = command.split(' ');
    for (const secret of [LONG, SHORT, 'cafe0123deadbeef4567']) {
      for (const before of ['', 'user:', 'a longer beginning\nof it: ']) {
        const dump = execFileSync(program, options, {
          input: `${before}${secret}, and an end`,
          encoding: 'utf8',
        });
        const results = (secret === SHORT ? [1, 7, 64, 10_000] : [64, 10_000]).map((size) => {
          const masker = createMasker([secret]);
          const bytes = Buffer.from(`first\n${dump}last, and the rest of the log\n`);
          const out: Buffer[] = [];
          for (let at = 0; at < bytes.length; at += size)
            out.push(masker.push(bytes.subarray(at, at + size)));
          return Buffer.concat([...out, masker.flush()]).toString();
        });
        expect(new Set(results).size).toBe(1);
        const [masked = ''] = results;
        expect(masked).toMatch(/^first\n[\s\S]*\*\*\*[\s\S]*last, and the rest of the log\n$/);
        // The lines that stay are those without a byte of it, and not one is kept in part.
        const lines = dump.split('\n').filter((line) => masked.includes(line) && line.trim() !== '');
        const perLine = PER_LINE[command] ?? 16;
        const rest = `${before}, and an end`.length;
        expect(lines.length).toBeLessThanOrEqual(Math.ceil(rest / perLine) + 1);
      }
    }
  });

  it('leaves dumps of anything else as they are, and holds back no line that is none', () => {
    const dump = execFileSync('xxd', [], {
      input: 'nothing of it, and more than one line of it',
      encoding: 'utf8',
    });
    expect(maskText(`${dump}and\n`, [SHORT])).toBe(`${dump}and\n`);
    const masker = createMasker([SHORT]);
    const told = `20261128 12:00 the deployment goes on\n${'x'.repeat(700)}`;
    expect(masker.push(Buffer.from(told)).toString()).toContain('the deployment goes on\n');
  });

  it('leaves words between which only blanks stand alone, and blanks that are no wrapping', () => {
    const far = `${base64.slice(0, 40)}${' '.repeat(200)}${base64.slice(40)}`;
    expect(maskText(far, [LONG])).toBe(far);
    expect(maskText('to be or not to be\nthat is it', ['tobeornot'])).toBe('to be or not to be\nthat is it');
  });

  it('leaves texts of fewer than four characters alone', () => {
    expect(maskText('abc def', ['abc'])).toBe('abc def');
  });

  it('hides overlapping secrets as one', () => {
    expect(maskText('x-abcdefgh-y', ['abcdef', 'defgh'])).toBe('x-***-y');
  });

  it('masks names and texts of JSON and keeps its shape', () => {
    expect(maskJson({ [TOKEN]: [1, null, { a: `t=${TOKEN}` }] }, [TOKEN])).toEqual({
      '***': [1, null, { a: 't=***' }],
    });
  });

  it('gives the same for every way of cutting the stream, and never a secret', () => {
    // Few letters make overlaps, repetitions and neighbours likely.
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 4, maxLength: 7 });
    const piece = fc.oneof(word, fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'é', ' '), maxLength: 9 }));
    fc.assert(
      fc.property(
        fc.array(word, { minLength: 1, maxLength: 3 }),
        fc.array(piece, { maxLength: 12 }),
        fc.array(fc.nat(60), { maxLength: 12 }),
        (secrets, pieces, cuts) => {
          const bytes = Buffer.from(pieces.join(''));
          const masker = createMasker(secrets);
          const out: Buffer[] = [];
          let from = 0;
          for (const cut of [
            ...cuts.map((at) => Math.min(at, bytes.length)).sort((a, b) => a - b),
            bytes.length,
          ]) {
            out.push(masker.push(bytes.subarray(from, cut)));
            from = cut;
          }
          out.push(masker.flush());
          const streamed = Buffer.concat(out).toString();
          expect(streamed).toBe(hideByMarks(bytes.toString(), secrets));
          for (const secret of secrets) expect(streamed).not.toContain(secret);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

/** The rule told in another way: mark every character of every occurrence, then write one mark a run. */
function hideByMarks(text: string, secrets: string[]): string {
  const hidden = Array.from({ length: text.length }, (_, at) =>
    secrets.some((secret) =>
      Array.from({ length: secret.length }, (_, back) => at - back).some(
        (start) => start >= 0 && text.startsWith(secret, start),
      ),
    ),
  );
  return text.replace(/[\s\S]/g, (mark, at: number) => (hidden[at] ? (hidden[at - 1] ? '' : '***') : mark));
}
