/** Every role that is named somewhere is one, and everything that people may have to do can be done by somebody. */
import { PERMISSION_NAMES } from '../../release/commands/permissions.ts';
import { DEFAULT_ROLES, RELEASE_TYPES, VIEWER } from '../../release/settings.ts';
import type { ConfigPath } from '../mistakes/mistake.ts';
import { findNearest } from '../mistakes/nearest.ts';
import { normalisePermissions } from '../normalise/normalise-roles.ts';
import type { ApproverFile } from '../schema/approver-schema.ts';
import type { ConfigFile } from '../schema/installation-schema.ts';
import type { RuleFinding, RuleInput } from './check-rules.ts';

/** The lists of approvers, by the name that the file gives them, and by the policy's own. */
export const APPROVALS = [
  ['go_live_approvals', 'goLiveApprovals'],
  ['changelog_review', 'changelogReview'],
  ['manual_smoke', 'manualSmoke'],
  ['staging_sign_off', 'stagingSignOff'],
] as const;

/** Reports names of roles that are none, a viewer who acts, and commands that nobody could give any more. */
export function checkRoles({ config }: RuleInput): RuleFinding[] {
  const known = listKnown(config);
  const unknown = listUnknownRoles(config).map(([path, found]): RuleFinding => {
    const nearest = findNearest(found, known);
    const hint = `Roles of your own are named under roles: "${found}: {}".`;
    const expected = `a role: ${known.join(', ')}`;
    return { path, at: 'value', expected, found, hint, ...(nearest ? { nearest } : {}) };
  });
  return [
    ...unknown,
    ...findActingViewer(config),
    ...findUnknownMembers(config),
    ...warnOfWhatNobodyMay(config),
  ];
}

function findUnknownMembers(config: ConfigFile): RuleFinding[] {
  const people = Object.keys(config.people);
  return Object.entries(config.roles).flatMap(([role, { members = [] }]) =>
    members.flatMap((found, at): RuleFinding[] => {
      if (people.includes(found)) return [];
      const nearest = findNearest(found, people);
      const path: ConfigPath = ['roles', role, 'members', at];
      const expected = `the login of a person: ${people.join(', ') || 'none is named under people'}`;
      return [{ path, at: 'value', expected, found, ...(nearest ? { nearest } : {}) }];
    }),
  );
}

function findActingViewer(config: ConfigFile): RuleFinding[] {
  if ((config.roles[VIEWER]?.may ?? []).length === 0) return [];
  const expected = 'no such key: a viewer only looks';
  return [{ path: ['roles', VIEWER, 'may'], at: 'key', expected, found: 'may' }];
}

/** Each place that names a role which is none, and the name. */
export function listUnknownRoles(config: ConfigFile): [ConfigPath, string][] {
  const known = listKnown(config);
  return listNamed(config).filter(([, role]) => !known.includes(role));
}

function listKnown(config: ConfigFile): string[] {
  return [...new Set([...DEFAULT_ROLES, ...Object.keys(config.roles)])];
}

/** Every place where the file names a role. */
function listNamed(config: ConfigFile): [ConfigPath, string][] {
  const people = Object.entries(config.people).flatMap(([name, person]) => [
    ...person.roles.map((role, at): [ConfigPath, string] => [['people', name, 'roles', at], role]),
    ...person.deputies.map((deputy, at): [ConfigPath, string] => [
      ['people', name, 'deputies', at, 'for'],
      deputy.for,
    ]),
  ]);
  const policies = Object.entries(config.products).flatMap(([name, product]) =>
    RELEASE_TYPES.flatMap((type) =>
      APPROVALS.flatMap(([key]) =>
        (product.policy[type]?.[key] ?? []).flatMap((entry, at) =>
          listEntry(['products', name, 'policy', type, key, at], entry),
        ),
      ),
    ),
  );
  const rules = Object.entries(config.products).flatMap(([name, { approvals }]) =>
    approvals.rules.flatMap(({ require }, rule) =>
      require.flatMap((entry, at) =>
        listEntry(['products', name, 'approvals', 'rules', rule, 'require', at], entry),
      ),
    ),
  );
  return [...people, ...policies, ...rules];
}

/** The roles of one entry of a list of approvers, each with its place. */
function listEntry(path: ConfigPath, entry: ApproverFile): [ConfigPath, string][] {
  if (typeof entry === 'string') return [[path, entry]];
  const one: [ConfigPath, string][] = entry.role === undefined ? [] : [[[...path, 'role'], entry.role]];
  return [
    ...one,
    ...(entry.any_of ?? []).map((role, at): [ConfigPath, string] => [[...path, 'any_of', at], role]),
  ];
}

function warnOfWhatNobodyMay(config: ConfigFile): RuleFinding[] {
  const { commands, starts } = normalisePermissions(config.roles);
  const rolesOf: Readonly<Record<string, readonly string[]>> = {
    ...commands,
    ...Object.fromEntries(Object.entries(starts).map(([what, roles]) => [`start_${what}`, roles])),
  };
  const held = PERMISSION_NAMES.filter((name) => rolesOf[name]?.length === 0);
  if (held.length === 0) return [];
  const expected = `a role that may ${held.join(', ')}`;
  return [{ path: ['roles'], at: 'key', expected, found: 'none', isWarning: true }];
}
