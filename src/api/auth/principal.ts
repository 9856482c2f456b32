import type { Installation, Person } from '../../config/installation.ts';
import type { PersonRole } from '../../release/settings.ts';

/** Who is asking, proven. */
export interface Principal {
  name: string;
  displayName: string;
  /** The roles that count now, deputies' included. */
  roles: PersonRole[];
  via: 'token' | 'oidc' | 'session';
  /** With a session: what forms must send back. */
  csrf?: string;
  /** When token or session end, in milliseconds since 1970; a token of the configuration has no end. */
  expiresAt?: number;
}

/** The person's own roles and those that they fill for somebody else on that day. */
export function rolesAt(person: Pick<Person, 'roles' | 'deputies'>, now: Date): PersonRole[] {
  const day = now.toISOString().slice(0, 10);
  const deputised = person.deputies.filter((d) => d.from <= day && day <= d.until).map((d) => d.for);
  return [...new Set([...person.roles, ...deputised])];
}

/** A person of the configuration. */
export function findPerson(installation: Installation, name: string): Person | undefined {
  return installation.people.find((person) => person.name === name);
}

/** Names of people who could fill one of the roles, for hints. */
export function whoHas(installation: Installation, roles: readonly PersonRole[], now: Date): string[] {
  return installation.people
    .filter((person) => rolesAt(person, now).some((role) => roles.includes(role)))
    .map((person) => person.name);
}
