/** People and the ways to reach them. */
import { createHash } from 'node:crypto';
import type { RuleFinding, RuleInput } from './check-rules.ts';

const EMPTY_TOKEN = createHash('sha256').update('').digest('hex');

/** Reports shared or empty tokens, deputies whose time ends before it begins, and a CEO who is told nothing. */
export function checkPeople({ config }: RuleInput): RuleFinding[] {
  const people = Object.entries(config.people);
  const findings: RuleFinding[] = [];
  people.forEach(([name, person], index) => {
    const path = ['people', name];
    const token = person.token_sha256;
    const holder = people
      .slice(0, index)
      .find(([, other]) => token !== undefined && other.token_sha256 === token);
    const at = 'value' as const;
    if (holder !== undefined) {
      const found = `the same as ${holder[0]} has`;
      findings.push({ path: [...path, 'token_sha256'], at, expected: 'a token of their own', found });
    }
    if (token === EMPTY_TOKEN) {
      const found = 'the SHA-256 of an empty text';
      findings.push({ path: [...path, 'token_sha256'], at, expected: 'the SHA-256 of a token', found });
    }
    person.deputies.forEach(({ from, until }, place) => {
      if (until >= from) return;
      findings.push({
        path: [...path, 'deputies', place, 'until'],
        at,
        expected: `${from} or later`,
        found: until,
      });
    });
  });
  const needsCeo = Object.keys(config.products).length > 0 && (config.channels['ceo'] ?? []).length === 0;
  if (needsCeo) {
    const expected = 'a channel named ceo: blockers, approvals and rollbacks are told there';
    findings.push({
      path: ['channels'],
      at: 'key',
      expected,
      found: 'none',
      about: [['channels', 'ceo']],
      isWarning: true,
    });
  }
  return findings;
}
