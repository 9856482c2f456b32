import { describe, expect, it } from 'vitest';
import {
  describeApprovers,
  describeMissing,
  findUnfilled,
  listHelpful,
  mergeApprovers,
} from '../../../src/release/policy/approvers.ts';

describe('whose approvals a gate needs', () => {
  it('is one approval for each entry: a number of people with one role', () => {
    const required = ['ceo', 'reviewers', 'reviewers', 'reviewers'];
    expect(describeApprovers(required)).toEqual(['ceo', '3 of reviewers']);
    expect(describeMissing(required, ['reviewers'])).toEqual(['ceo', '2 more of reviewers']);
    expect(describeMissing(required, ['ceo', 'reviewers', 'reviewers'])).toEqual(['1 more of reviewers']);
    expect(findUnfilled(required, ['reviewers', 'ceo', 'reviewers', 'reviewers'])).toEqual([]);
  });

  it('may be one of several roles, or a number of people with any of them', () => {
    expect(findUnfilled([['qa', 'operator']], ['operator'])).toEqual([]);
    const two = [
      ['qa', 'operator'],
      ['operator', 'qa'],
    ];
    expect(describeApprovers(two)).toEqual(['2 of qa or operator']);
    expect(describeMissing(two, ['qa'])).toEqual(['1 more of qa or operator']);
    expect(listHelpful(two, ['qa'])).toEqual(['qa', 'operator']);
  });

  it('fills as many entries as it can, in whichever order people approve', () => {
    const required = [['qa', 'ceo'], 'qa'];
    expect(findUnfilled(required, ['qa'])).toEqual([['qa', 'ceo']]);
    for (const given of [
      ['qa', 'ceo'],
      ['ceo', 'qa'],
    ]) {
      expect(findUnfilled(required, given)).toEqual([]);
    }
    // Somebody of QA can only stand for one of the two, and a CEO never for QA.
    expect(findUnfilled(required, ['ceo', 'ceo'])).toEqual(['qa']);
    const chain = [
      ['ceo', 'qa'],
      ['qa', 'operator'],
    ];
    expect(listHelpful(chain, ['qa'])).toEqual(['ceo', 'qa', 'operator']);
  });

  it('is not brought further by a role that nobody is asked for, or that is filled', () => {
    expect(findUnfilled(['ceo'], ['qa'])).toEqual(['ceo']);
    expect(listHelpful(['ceo', 'qa'], ['qa'])).toEqual(['ceo']);
    expect(listHelpful(['ceo'], ['ceo'])).toEqual([]);
    expect(describeMissing([], [])).toEqual([]);
  });

  it('is of several lists the most that one of them asks for', () => {
    const merged = mergeApprovers([
      ['ceo', 'reviewers'],
      ['reviewers', 'reviewers', ['qa', 'operator']],
      [['operator', 'qa']],
    ]);
    expect(describeApprovers(merged)).toEqual(['ceo', '2 of reviewers', 'qa or operator']);
  });
});
