import { describe, expect, it } from 'vitest';
import type { Dismissal, IncidentReport, IncidentRules } from '../../src/release/incidents.ts';
import {
  askAbout,
  decideIncidents,
  listOpen,
  MOST_OPEN,
  markGoing,
  settleAll,
  takeDismissal,
  takeReport,
} from '../../src/release/incidents.ts';
import type { IncidentRecord } from '../../src/release/record/record.ts';

const MINUTE = 60_000;
const rules: IncidentRules = {
  severity: { highDeadlineMs: 15 * MINUTE, quickHotfixMs: 30 * MINUTE },
  rollbackOnFailure: true,
};
const START = Date.parse('2026-11-27T10:00:00.000Z');

/** Incidents as they come to stand, one thing said after another, a minute apart. */
class Desk {
  incidents: IncidentRecord[] = [];
  refused: string[] = [];
  now = START;
  readonly #rules: IncidentRules;
  constructor(given = rules) {
    this.#rules = given;
  }
  report(summary: string, more: Partial<IncidentReport> = {}): IncidentRecord | undefined {
    this.now += MINUTE;
    const report: IncidentReport = { summary, by: 'pager', verified: true, ...more };
    const at = new Date(this.now).toISOString();
    return this.#put(takeReport(this.incidents, report, this.#rules, { at, within: 'shop' }));
  }
  dismiss(more: Partial<Dismissal> = {}): IncidentRecord | undefined {
    const dismissal = { by: 'ben', reason: 'harmless', ...more };
    return this.#put(
      takeDismissal(this.incidents, dismissal, this.#rules, {
        at: new Date(this.now).toISOString(),
        hotfix: 'windlass hotfix shop',
      }),
    );
  }
  decide(later = 0) {
    return decideIncidents(this.incidents, this.#rules, this.now + later);
  }
  #put(taken: ReturnType<typeof takeReport>): IncidentRecord | undefined {
    if ('refused' in taken) {
      this.refused.push(taken.refused);
      return undefined;
    }
    const { incident } = taken;
    const known = this.incidents.some((one) => one.id === incident.id);
    this.incidents = known
      ? this.incidents.map((one) => (one.id === incident.id ? incident : one))
      : [...this.incidents, incident];
    return incident;
  }
}
const names = (incidents: IncidentRecord[]) => incidents.map((one) => one.summary);

describe('each incident is its own', () => {
  it('a second one of something else neither re-rates, swallows nor settles the first', () => {
    const desk = new Desk();
    desk.report('checkout fails', { severity: 'high' });
    desk.report('search is slow', { severity: 'low' });
    desk.report('payments are down', { severity: 'high' });
    expect(desk.incidents.map(({ severity, resolution }) => [severity, resolution])).toEqual([
      ['high', undefined],
      ['low', 'an issue for the next release'],
      ['high', undefined],
    ]);
    expect(new Set(desk.incidents.map((one) => one.id)).size).toBe(3);
  });

  it('of the same key, or without one of the same words, it is the same; it only becomes worse by that', () => {
    const desk = new Desk();
    desk.report('errors', { severity: 'medium', key: 'alert/1' });
    desk.report('errors', { severity: 'medium', key: 'alert/2' });
    desk.report('other words', { severity: 'low', key: 'alert/1' });
    expect(desk.incidents.map((one) => one.severity)).toEqual(['medium', 'medium']);
    desk.report('other words', { severity: 'high', key: 'alert/1' });
    expect(desk.incidents.map((one) => one.severity)).toEqual(['high', 'medium']);
    const first = desk.report('by phone');
    // Said again it is not even news.
    expect(desk.report('by phone')).toBe(first);
    expect(desk.incidents).toHaveLength(3);
  });

  it('settled, the same key is a new incident', () => {
    const desk = new Desk();
    const first = desk.report('errors', { severity: 'high', key: 'alert/1' });
    desk.dismiss();
    const second = desk.report('errors', { severity: 'high', key: 'alert/1' });
    expect(second?.id).not.toBe(first?.id);
    expect(names(listOpen(desk.incidents))).toEqual(['errors']);
  });

  it('so many are taken and no more', () => {
    const desk = new Desk();
    for (let at = 0; at < MOST_OPEN + 3; at++) desk.report(`thing ${at}`, { severity: 'high' });
    expect(desk.incidents).toHaveLength(MOST_OPEN);
    expect(desk.refused).toHaveLength(3);
  });
});

describe('a rating', () => {
  it('by id changes that one only; less bad takes a signature', () => {
    const desk = new Desk();
    const checkout = desk.report('checkout fails', { severity: 'high' });
    desk.report('search is slow', { severity: 'medium' });
    const id = checkout?.id ?? '';
    desk.report('never mind', { id, names: true, severity: 'low', by: 'mallory', verified: false });
    expect(desk.refused).toEqual(['only a signed word makes it less bad']);
    desk.report('seen', { id, names: true, severity: 'low' });
    expect(desk.incidents[0]).toMatchObject({
      severity: 'low',
      ratedBy: 'pager',
      resolution: 'an issue for the next release',
    });
    expect(desk.incidents[1]).toMatchObject({ severity: 'medium' });
    expect(desk.incidents[1]?.resolution).toBeUndefined();
  });

  it('of an unknown or a settled one is refused', () => {
    const desk = new Desk();
    const { id = '' } = desk.report('checkout fails', { severity: 'high' }) ?? {};
    desk.dismiss();
    desk.report('x', { id, names: true, severity: 'critical' });
    desk.report('x', { id: 'inc-0', names: true, severity: 'critical' });
    expect(desk.refused).toEqual([
      `${id} is settled: dismissed by ben: harmless`,
      'there is no incident inc-0',
    ]);
  });

  it('keeps the deadline counting from the report', () => {
    const desk = new Desk();
    const { id = '', at = '' } = desk.report('checkout fails') ?? {};
    expect(desk.incidents[0]).toMatchObject({ severity: 'high', unrated: true });
    desk.report('seen', { id, names: true, severity: 'medium' });
    const deadline = desk.incidents[0]?.deadline ?? '';
    expect(Date.parse(deadline) - Date.parse(at)).toBe(30 * MINUTE);
    expect(desk.incidents[0]?.unrated).toBeUndefined();
  });
});

describe('a dismissal', () => {
  it('settles one: the one that it names, or the only one', () => {
    const desk = new Desk();
    const first = desk.report('checkout fails', { severity: 'high' });
    desk.report('payments are down', { severity: 'high' });
    desk.dismiss();
    expect(desk.refused[0]).toMatch(
      /^several incidents are open: say which one\. Open: high: checkout fails \(inc-/,
    );
    desk.dismiss({ id: first?.id ?? '' });
    expect(names(listOpen(desk.incidents))).toEqual(['payments are down']);
    // Pressed twice, or by two: the second is none to the next.
    desk.dismiss({ id: first?.id ?? '' });
    expect(desk.refused[1]).toBe(`${first?.id} is settled: dismissed by ben: harmless`);
    expect(listOpen(desk.incidents)).toHaveLength(1);
    desk.dismiss();
    expect(listOpen(desk.incidents)).toEqual([]);
    desk.dismiss();
    expect(desk.refused[2]).toBe('no incident is open');
  });

  it('of a medium one with an estimate keeps the version if a hotfix is quick, else it goes back', () => {
    const desk = new Desk();
    const { id = '' } = desk.report('search is slow', { severity: 'medium' }) ?? {};
    desk.report('another', { severity: 'medium' });
    desk.dismiss({ id, estimateMs: 30 * MINUTE });
    expect(desk.incidents[0]?.resolution).toBe('ben hotfixes it instead: windlass hotfix shop');
    desk.dismiss({ estimateMs: 31 * MINUTE });
    expect(desk.decide()).toMatchObject({
      go: 'back',
      how: 'rolled back: ben estimates that a hotfix takes 31 min',
    });
  });
});

describe('the worst one that is open decides', () => {
  it('critical at once, else the first deadline, else nobody', () => {
    const desk = new Desk();
    expect(desk.decide()).toEqual({ go: 'on' });
    desk.report('search is slow', { severity: 'medium' });
    desk.report('checkout fails', { severity: 'high' });
    expect(desk.decide()).toMatchObject({
      go: 'wait',
      worst: { summary: 'checkout fails' },
      until: START + 2 * MINUTE + 15 * MINUTE,
    });
    expect(askAbout(desk.incidents, rules).reason).toContain('1 more: medium: search is slow');
    expect(desk.decide(15 * MINUTE)).toMatchObject({ go: 'back', how: 'rolled back by deadline' });
    desk.report('data is lost', { severity: 'critical' });
    const back = desk.decide();
    expect(back).toMatchObject({
      go: 'back',
      because: { summary: 'data is lost' },
      how: 'rolled back at once',
    });
    const settled = settleAll(
      desk.incidents,
      desk.incidents[2],
      'rolled back at once',
      '2026-11-27T11:00:00.000Z',
    );
    expect(settled.map((one) => one.resolution)).toEqual([
      `rolled back at once, with ${desk.incidents[2]?.id}`,
      `rolled back at once, with ${desk.incidents[2]?.id}`,
      'rolled back at once',
    ]);
  });

  it('while the version goes back they are neither settled nor to be answered', () => {
    const desk = new Desk();
    const first = desk.report('checkout fails', { severity: 'critical' });
    desk.incidents = markGoing(desk.incidents, '2026-11-27T10:30:00.000Z');
    expect(desk.incidents[0]).toMatchObject({ goingSince: '2026-11-27T10:30:00.000Z' });
    expect(desk.incidents[0]?.resolution).toBeUndefined();
    expect(desk.dismiss()).toBeUndefined();
    expect(desk.dismiss({ id: first?.id ?? '' })).toBeUndefined();
    expect(desk.refused).toEqual([
      'the incidents are answered: the version goes back',
      `${first?.id} is answered: the version goes back`,
    ]);
    const [settled] = settleAll(desk.incidents, undefined, 'rolled back at once', 'later');
    expect(settled?.resolution).toBe('rolled back at once');
  });

  it('by itself nothing goes back where configuration says so', () => {
    const desk = new Desk({ ...rules, rollbackOnFailure: false });
    desk.report('data is lost', { severity: 'critical' });
    expect(desk.decide(365 * 24 * 60 * MINUTE)).toMatchObject({
      go: 'wait',
      worst: { severity: 'critical' },
    });
    expect(desk.decide()).not.toHaveProperty('until');
  });

  it('that its source says it is over is noted; people, or the deadline, still decide', () => {
    const desk = new Desk();
    desk.report('errors', { severity: 'high', key: 'alert/1' });
    desk.report('errors', { key: 'alert/1', over: true });
    expect(desk.incidents[0]?.over).toBe('2026-11-27T10:02:00.000Z');
    expect(desk.decide()).toMatchObject({ go: 'wait' });
    // It begins again.
    desk.report('errors', { severity: 'high', key: 'alert/1' });
    expect(desk.incidents[0]?.over).toBeUndefined();
    desk.report('nothing', { key: 'alert/2', over: true });
    expect(desk.refused).toEqual(['no incident that is open is about it']);
  });
});
