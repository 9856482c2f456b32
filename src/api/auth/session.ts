/** A browser's session: a signed cookie that any copy of the API can read, and that no script can. */

import { z } from 'zod';
import { API_MS } from '../../release/policy/inner-times.ts';
import { ROLE_NAME } from '../../release/settings.ts';
import type { ApiDeps } from '../deps.ts';
import { findPerson, type Principal, rolesAt } from './principal.ts';
import { seal, tokenFor, unseal } from './sealed.ts';

const sessionSchema = z.object({
  id: z.string(),
  name: z.string(),
  displayName: z.string(),
  /** Only for people whom the identity provider vouched for; the roles of others are in the configuration. */
  roles: z.array(z.string().regex(ROLE_NAME)).optional(),
  expires: z.number(),
});

const linkSchema = z.object({ id: z.string(), name: z.string(), expires: z.number() });

/** Over HTTPS the name itself binds the cookie to the host. */
export function cookieName(deps: ApiDeps): string {
  return isHttps(deps) ? '__Host-windlass' : 'windlass';
}

/** How the cookie is set. Lax, not Strict: a link in a mail must find the person signed in; forms carry a token. */
export function cookieOptions(deps: ApiDeps) {
  return {
    httpOnly: true,
    sameSite: 'lax' as const,
    secure: isHttps(deps),
    path: '/',
    maxAge: API_MS.session / 1_000,
  };
}

/** Whether people reach the API over https: then its cookies travel over nothing else. */
export function isHttps(deps: ApiDeps): boolean {
  return deps.installation.api.url.startsWith('https:');
}

/** The cookie of a new session for somebody who has just proven who they are. */
export function openSession(deps: ApiDeps, principal: Principal): string {
  const session = {
    id: Buffer.from(deps.random(16)).toString('base64url'),
    name: principal.name,
    displayName: principal.displayName,
    ...(principal.via === 'oidc' ? { roles: principal.roles } : {}),
    expires: deps.clock().getTime() + API_MS.session,
  };
  return seal(session, 'session', deps.cookieKey);
}

/** Ends the cookie's session for good: whoever has a copy of it is signed out as well. */
export async function endSession(deps: ApiDeps, cookie: string): Promise<void> {
  const parsed = sessionSchema.safeParse(unseal(cookie, 'session', deps.cookieKey));
  if (parsed.success) await deps.endedSessions.end(parsed.data.id);
}

/**
 * Who the cookie belongs to. `undefined` when it is forged, expired or was signed out, or the person is not known any
 * more.
 */
export async function readSession(deps: ApiDeps, cookie: string): Promise<Principal | undefined> {
  const parsed = sessionSchema.safeParse(unseal(cookie, 'session', deps.cookieKey));
  const now = deps.clock();
  if (!parsed.success || parsed.data.expires <= now.getTime()) return undefined;
  if (await deps.endedSessions.hasEnded(parsed.data.id)) return undefined;
  const { name, id, expires: expiresAt } = parsed.data;
  const csrf = tokenFor(id, deps.cookieKey);
  if (parsed.data.roles) {
    if (!deps.installation.api.oidc) return undefined;
    const { displayName, roles } = parsed.data;
    return { name, displayName, roles, via: 'session', csrf, expiresAt };
  }
  const person = findPerson(deps.installation, name);
  if (!person) return undefined;
  const { displayName } = person;
  return { name, displayName, roles: rolesAt(person, now), via: 'session', csrf, expiresAt };
}

/** A code that signs this person in once, within five minutes. */
export function makeLinkCode(deps: ApiDeps, name: string): { code: string; expiresAt: string } {
  const expires = deps.clock().getTime() + API_MS.link;
  const id = Buffer.from(deps.random(16)).toString('base64url');
  return {
    code: seal({ id, name, expires }, 'link', deps.cookieKey),
    expiresAt: new Date(expires).toISOString(),
  };
}

/**
 * Who a one-time code is for. `used` remembers, in this process, the codes of the last minutes: a code cannot be used
 * twice at one copy of the API; at another one it still ends after five minutes.
 */
export function takeLinkCode(deps: ApiDeps, code: string, used: Map<string, number>): Principal | undefined {
  const now = deps.clock();
  for (const [id, expires] of used) if (expires <= now.getTime()) used.delete(id);
  const parsed = linkSchema.safeParse(unseal(code, 'link', deps.cookieKey));
  if (!parsed.success || parsed.data.expires <= now.getTime() || used.has(parsed.data.id)) return undefined;
  const person = findPerson(deps.installation, parsed.data.name);
  if (!person) return undefined;
  used.set(parsed.data.id, parsed.data.expires);
  return { name: person.name, displayName: person.displayName, roles: rolesAt(person, now), via: 'session' };
}
