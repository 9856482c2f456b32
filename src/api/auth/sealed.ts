import { createHmac, timingSafeEqual } from 'node:crypto';

/** What a sealed text is for; one for another purpose does not open. */
export type Purpose = 'session' | 'link' | 'csrf' | 'oidc';

/** JSON that its bearer can read but not change: base64url and an HMAC-SHA256 over purpose and text. */
export function seal(value: unknown, purpose: Purpose, key: Uint8Array): string {
  const text = Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${text}.${mac(text, purpose, key)}`;
}

/** What was sealed, or `undefined` when it was not sealed by us for this purpose. Total. */
export function unseal(sealed: string, purpose: Purpose, key: Uint8Array): unknown {
  if (sealed.length > 4_096) return undefined;
  const [text = '', given = '', ...rest] = sealed.split('.');
  const expected = Buffer.from(mac(text, purpose, key));
  const found = Buffer.from(given);
  if (rest.length > 0 || expected.length !== found.length || !timingSafeEqual(expected, found))
    return undefined;
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}

/** A token that belongs to one session, for forms. */
export function tokenFor(session: string, key: Uint8Array): string {
  return mac(session, 'csrf', key);
}

/** Compares two texts in constant time. */
export function sameText(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function mac(text: string, purpose: Purpose, key: Uint8Array): string {
  return createHmac('sha256', key).update(`windlass/${purpose}\n${text}`).digest('base64url');
}
