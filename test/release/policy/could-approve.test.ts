import { describe, expect, it } from 'vitest';
import { whyNobodyCould } from '../../../src/release/policy/could-approve.ts';
import type { Approver } from '../../../src/release/settings.ts';

const PEOPLE: Record<string, string[]> = { ceo: ['ada'], qa: ['ada', 'ben'], reviewers: [] };

function why(required: Approver[], own: string[], solo = false): string | undefined {
  return whyNobodyCould({ required, own, solo, holders: (role) => PEOPLE[role] ?? [] });
}

describe('whether anybody could approve what goes live', () => {
  it('is nobody where a role has no people, named as the list names it', () => {
    expect(why(['ceo', 'reviewers', 'reviewers'], ['ada'])).toBe('nobody has the role 2 of reviewers');
    expect(why(['reviewers'], ['zoe'], true)).toBe('nobody has the role reviewers');
  });

  it('is nobody where only who asked for it could, alone or through somebody', () => {
    expect(why(['ceo'], ['ada'])).toMatch(/only ada could give, who asked for it$/);
    expect(why(['qa'], ['ada', 'ben'])).toMatch(/only ada, ben could give/);
  });

  it('is somebody where one more person has one of the roles, where policy asks for nobody, and in a solo product', () => {
    expect(why(['ceo', 'qa'], ['ada'])).toBeUndefined();
    expect(why([['ceo', 'qa']], ['ada'])).toBeUndefined();
    expect(why([], ['ada'])).toBeUndefined();
    expect(why(['ceo'], ['ada'], true)).toBeUndefined();
  });
});
