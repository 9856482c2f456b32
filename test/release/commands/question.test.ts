import { expect, test } from 'vitest';
import { nameQuestion } from '../../../src/release/commands/question.ts';
import { refuseLate } from '../../../src/release/commands/refuse-command.ts';
import { recordAfter, UNTIL_GO_LIVE } from '../views/sample-record.ts';

const failure = { type: 'ScriptFailed', what: 'exit 1', changed: 'nothing', next: 'retry' };
const started = { event: 'step_started', id: 'build.build', title: 'Build', phase: 'build' } as const;
const failed = { event: 'step_failed', id: 'build.build', failure } as const;
const asking = { event: 'control_set', name: 'asking', value: 'build.build' } as const;

test('two people who press at the same time never answer the next question', () => {
  const first = recordAfter([started, failed, asking]);
  const second = recordAfter([started, failed, asking, started, failed]);
  const shown = nameQuestion(first, 'retry');
  expect(refuseLate(first, 'retry', shown)).toBeUndefined();
  expect(refuseLate(second, 'retry', shown)).toMatchObject({
    code: 'answered-before',
    detail: '"retry" was for build.build, try 1; now it would be for build.build, try 2.',
  });
  expect(refuseLate(recordAfter(UNTIL_GO_LIVE), 'skip', shown)?.code).toBe('answered-before');
});

test('a resume is for its hold, a replan for its plan', () => {
  const held = recordAfter([{ event: 'held', by: 'otto', reason: 'x' }]);
  const later = { ...held, held: { ...held.held!, at: '2026-11-20T11:00:00.000Z' } };
  expect(refuseLate(later, 'resume', nameQuestion(held, 'resume'))?.code).toBe('answered-before');
  expect(refuseLate({ ...held, round: 2 }, 'replan', nameQuestion(held, 'replan'))?.code).toBe(
    'answered-before',
  );
  expect(refuseLate(held, 'resume', nameQuestion(held, 'resume'))).toBeUndefined();
});

test('commands about the run as a whole, and those of earlier versions, answer nothing in particular', () => {
  const record = recordAfter(UNTIL_GO_LIVE);
  expect(nameQuestion(record, 'abort')).toBeUndefined();
  expect(refuseLate(record, 'retry', undefined)).toBeUndefined();
});
