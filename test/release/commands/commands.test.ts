import { describe, expect, it } from 'vitest';
import { COMMAND_NAMES, COMMANDS, PLAIN_COMMAND_NAMES } from '../../../src/release/commands/command-table.ts';
import { DEFAULT_PERMISSIONS, mayDo, mayStart } from '../../../src/release/commands/permissions.ts';
import { listPossible, refuseCommand } from '../../../src/release/commands/refuse-command.ts';
import { RUN_KINDS, type RunKind } from '../../../src/release/names.ts';
import { openRecord, type ReleaseRecord } from '../../../src/release/record/record.ts';
import type { RecordEvent } from '../../../src/release/record/record-event.ts';
import { applyEvent } from '../../../src/release/record/transitions.ts';
import { listAdvice } from '../../../src/release/views/advice.ts';

const AT = '2026-11-21T10:00:00.000Z';
const KINDS = RUN_KINDS;

type Body = RecordEvent extends infer E ? (E extends { at: string } ? Omit<E, 'at'> : never) : never;

function run(kind: RunKind, ...events: Body[]): ReleaseRecord {
  const request = {
    releaseId: 'shop-1',
    product: 'shop',
    bump: 'auto' as const,
    requestedBy: 'cleo',
    requestedAt: AT,
    via: 'api' as const,
  };
  return events.reduce(
    (record, event) => applyEvent(record, { at: AT, ...event } as RecordEvent),
    openRecord(kind, request, 'Shop', AT),
  );
}

const shipping: Body = {
  event: 'control_set',
  name: 'deployment',
  value: { workflowId: 'deployment/shop/production/shop-1/1', production: true },
};

describe('what may be commanded', () => {
  it.each(KINDS.filter((kind) => kind !== 'release'))('a %s is never planned anew', (kind) => {
    expect(listPossible(run(kind))).not.toContain('replan');
    expect(refuseCommand(run(kind), 'replan')?.code).toBe('not-for-this');
  });

  it('a release is planned anew until publishing starts, and again once a hotfix has gone first', () => {
    expect(listPossible(run('release'))).toContain('replan');
    const publishing = run('release', {
      event: 'control_set',
      name: 'noReplan',
      value: 'publishing has started: a fix is a new version',
    });
    expect(refuseCommand(publishing, 'replan')?.detail).toBe(
      'Publishing has started: a fix is a new version.',
    );
    const preempted = applyEvent(publishing, {
      at: AT,
      event: 'control_set',
      name: 'preemptedBy',
      value: 'hotfix/shop',
    });
    expect(listPossible(preempted)).toContain('replan');
  });

  it.each(KINDS)('a %s that is in the middle of a change is not aborted', (kind) => {
    expect(listPossible(run(kind))).toContain('abort');
    const changing = run(kind, {
      event: 'control_set',
      name: 'noAbort',
      value: 'production is changing: wait',
    });
    expect(listPossible(changing)).not.toContain('abort');
    expect(refuseCommand(changing, 'abort')).toMatchObject({
      code: 'production-changes',
      detail: 'Production is changing: wait.',
    });
    const over = applyEvent(changing, { at: AT, event: 'control_cleared', name: 'noAbort' });
    expect(listPossible(over)).toContain('abort');
  });

  it('what went back to make room for a hotfix is planned anew or aborted, never resumed', () => {
    const held = run(
      'release',
      { event: 'control_set', name: 'preemptedBy', value: 'hotfix/shop' },
      { event: 'held', by: 'hotfix/shop', reason: 'it has right of way' },
    );
    expect(listPossible(held)).not.toContain('resume');
    expect(listAdvice(held).join(' ')).toContain('windlass replan shop');
    // A person of such a name is nobody who went first.
    const odd = run('release', { event: 'held', by: 'hotfix/lover', reason: 'lunch' });
    expect(listPossible(odd)).toContain('resume');
    expect(listAdvice(odd).join(' ')).toContain('windlass resume shop');
  });

  it('commands about production are for a run that has a deployment there', () => {
    const about = ['rollback', 'incident'] as const;
    for (const name of about) {
      expect(refuseCommand(run('release'), name)?.code).toBe('nothing-in-production');
      expect(refuseCommand(run('release', shipping), name)).toBeUndefined();
      expect(refuseCommand(run('gates'), name)?.code).toBe('not-for-this');
    }
  });

  it('a window is lengthened and ended while it is open, in a release and alone', () => {
    const window: Body = {
      event: 'step_started',
      id: 'monitoring.window',
      title: 'Watch',
      phase: 'monitoring',
    };
    const alone: Body = {
      event: 'control_set',
      name: 'deployment',
      value: { workflowId: 'monitor/shop/shop-1', production: false, watchOnly: true },
    };
    expect(refuseCommand(run('release', shipping), 'end_monitoring')?.code).toBe('not-monitoring');
    expect(refuseCommand(run('release', shipping, window), 'end_monitoring')).toBeUndefined();
    expect(refuseCommand(run('monitoring', alone, window), 'end_monitoring')).toBeUndefined();
  });

  it('nothing may be commanded once it has ended', () => {
    const ended = run('release', { event: 'ended', outcome: 'released', ending: 'done', remains: [] });
    expect(listPossible(ended)).toEqual([]);
  });
});

describe('the table of commands', () => {
  it('gives each command a path, a name and a page that no other has', () => {
    const paths = COMMAND_NAMES.flatMap((name) => COMMANDS[name].path ?? []);
    const names = COMMAND_NAMES.flatMap((name) => COMMANDS[name].cli?.name ?? []);
    const buttons = COMMAND_NAMES.map((name) => COMMANDS[name].page.button);
    for (const list of [paths, names, buttons]) expect(new Set(list).size).toBe(list.length);
  });

  it('lets everything that is not signed only stop, look again, or say that something is wrong', () => {
    const unsigned = COMMAND_NAMES.filter((name) => !COMMANDS[name].signed);
    expect(unsigned).toEqual(['hold', 'retry', 'abort', 'incident', 'extend_monitoring']);
  });

  it('lets nobody who only looks do anything, and configuration may say otherwise', () => {
    for (const name of PLAIN_COMMAND_NAMES) expect(mayDo(DEFAULT_PERMISSIONS, name, ['viewer'])).toBe(false);
    const strict = {
      ...DEFAULT_PERMISSIONS,
      commands: { ...DEFAULT_PERMISSIONS.commands, hold: ['ceo' as const] },
    };
    expect(mayDo(DEFAULT_PERMISSIONS, 'hold', ['qa'])).toBe(true);
    expect(mayDo(strict, 'hold', ['qa'])).toBe(false);
    expect(mayStart(DEFAULT_PERMISSIONS, 'release', ['on_call'])).toBe(false);
    expect(mayStart(DEFAULT_PERMISSIONS, 'hotfix', ['on_call'])).toBe(true);
  });
});
