import { createHash, timingSafeEqual } from 'node:crypto';
import type { Installation, Person } from '../../config/installation.ts';

/** More than any token that somebody would make. */
const LONGEST = 4_096;

/**
 * The person whose token this is, by its SHA-256. Every person is compared in constant time, so that an answer's
 * time tells nothing.
 */
export function findByToken(installation: Installation, token: string): Person | undefined {
  if (token === '' || token.length > LONGEST) return undefined;
  const digest = createHash('sha256').update(token).digest();
  let found: Person | undefined;
  for (const person of installation.people) {
    const expected = Buffer.from(person.tokenSha256 ?? '', 'hex');
    if (expected.length === digest.length && timingSafeEqual(expected, digest)) found = person;
  }
  return found;
}
