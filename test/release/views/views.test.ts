import MarkdownIt from 'markdown-it';
import { describe, expect, test } from 'vitest';
import type { ReleaseRecord } from '../../../src/release/record/record.ts';
import { renderChecklist } from '../../../src/release/views/checklist.ts';
import { markdownText } from '../../../src/release/views/markdown.ts';
import { measureDelivery } from '../../../src/release/views/metrics.ts';
import { viewChecklist } from '../../../src/release/views/mission-checklist.ts';
import { renderNotification } from '../../../src/release/views/notification.ts';
import { viewPostMortem } from '../../../src/release/views/post-mortem.ts';
import { viewReleaseStatus } from '../../../src/release/views/release-status.ts';
import { viewSearchAttributes } from '../../../src/release/views/search-attributes.ts';
import { viewProductState } from '../../../src/release/views/state.ts';
import { renderStatus } from '../../../src/release/views/status-text.ts';
import { renderSummary } from '../../../src/release/views/summary.ts';
import type { SampleEvent } from './sample-record.ts';
import { recordAfter, SAMPLE_PLAN, UNTIL_GO_LIVE, UNTIL_MONITORING } from './sample-record.ts';

const HOSTILE = [
  '<img src=x onerror=alert(1)>',
  '[click](javascript:alert(1))',
  '![x](https://evil.test/p.png)',
  'https://evil.test/steal?x=1 and www.evil.test',
  '# heading\n- [x] All done\n\n---\n```\ncode',
  '@everyone <@U123> \u001b[31mred\u001b[0m \u202egnp.exe',
  '| a | b |\n|---|---|',
  '&lt;script&gt; &#60;b&#62;',
  '1. one',
  '\ud800 lone surrogate',
];

/** GitHub's own extensions on: the most that a renderer may make of the text. */
const renderer = new MarkdownIt({ html: true, linkify: true });

function statusOf(record: ReleaseRecord, section: string, label: string): string | undefined {
  return viewChecklist(record)
    .find((s) => s.title === section)
    ?.items.find((item) => item.label === label)?.status;
}

const ROLLED_BACK: SampleEvent[] = [
  ...UNTIL_MONITORING,
  {
    event: 'incident',
    incident: {
      id: 'i1',
      at: '2026-11-20T11:40:00.000Z',
      severity: 'critical',
      summary: 'orders are lost',
      reportedBy: 'windlass',
      verified: true,
      resolution: 'rolled back at once',
    },
  },
  {
    event: 'environment',
    environment: { name: 'production', version: '1.2.0', share: 0 },
    note: 'production runs 1.2.0 again',
  },
];

describe('text from outside', () => {
  test.each(HOSTILE)('stays text in Markdown: %j', (text) => {
    const html = renderer.renderInline(markdownText(text));
    expect(html).not.toMatch(/<(?!\/?code>|\/?em>|$)/);
    expect(html).not.toContain('<a ');
    expect(renderer.render(`- ${markdownText(text)}`)).not.toMatch(/<(h\d|table|hr|img|script|ol|input)/);
  });

  test('keeps its words: a reader sees what was written', () => {
    const html = renderer.renderInline(markdownText('fix: a_b *c* <d> [e](f) `g` #1 & h'));
    expect(html).toBe('fix: a_b *c* &lt;d&gt; [e](f) `g` #1 &amp; h');
  });

  test('cannot break out of the checklist, the notices or the terminal', () => {
    for (const hostile of HOSTILE) {
      const record = recordAfter([
        ...UNTIL_GO_LIVE.map((event) =>
          event.event === 'planned'
            ? {
                ...event,
                plan: {
                  ...event.plan,
                  highlights: hostile,
                  concerns: [hostile],
                  included: [{ sha: 'c'.repeat(40), subject: hostile, type: 'feat', author: hostile }],
                },
              }
            : event,
        ),
        { event: 'step_started', id: 'branch.push', title: hostile, phase: 'branch' },
        {
          event: 'step_failed',
          id: 'branch.push',
          failure: {
            type: 'Mistake',
            what: hostile,
            changed: hostile,
            next: hostile,
            logTail: `${hostile}\n\`\`\`\n# not a heading`,
          },
        },
      ]);
      const html = renderer.render(renderChecklist(record));
      expect(html).not.toMatch(/<(img|a|script|table|input)\b/);
      expect(html).not.toContain('<h1>heading');
      expect(html).not.toContain('<h1>not a heading');
      const text = renderStatus(record, { colour: false, now: '2026-11-20T12:00:00.000Z' });
      expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
      const notice = renderNotification(record, { occasion: 'approval_wanted', gate: 'go_live' });
      expect(notice.subject).not.toMatch(/[\r\n]/);
      expect(notice.text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
    }
  });
});

describe('commands that people are told', () => {
  test('name the flow that they are about, where it is not the release', () => {
    const record = recordAfter(UNTIL_GO_LIVE);
    const ask = { occasion: 'approval_wanted', gate: 'go_live' } as const;
    expect(renderNotification(record, ask).text).toContain(
      'To decide: windlass approve shop go_live --subject 555555555555\n',
    );
    const hotfix: ReleaseRecord = { ...record, kind: 'hotfix' };
    expect(renderNotification(hotfix, ask).text).toContain(
      'windlass approve shop go_live --subject 555555555555 --kind hotfix',
    );
    expect(renderChecklist(hotfix)).toContain('`windlass reject shop go_live --comment WHY --kind hotfix`');
    const deployment: ReleaseRecord = {
      ...record,
      kind: 'deployment',
      environments: [{ name: 'eu', kind: 'production', url: 'https://eu.example.test' }],
    };
    expect(renderChecklist(deployment)).toContain('`windlass approve shop go_live --kind deployment-eu`');
  });
});

describe('the checklist', () => {
  test('marks what is done, shows what waits, and leaves the rest open', () => {
    const record = recordAfter(UNTIL_GO_LIVE);
    expect(statusOf(record, 'Pre-Release', 'All tests passing')).toBe('done');
    expect(statusOf(record, 'Staging', 'QA sign-off')).toBe('done');
    expect(statusOf(record, 'Staging', 'CEO approval')).toBe('waiting');
    expect(statusOf(record, 'Production', 'Database backed up')).toBe('open');
    const markdown = renderChecklist(record);
    expect(markdown).toContain('- [x] QA sign-off');
    expect(markdown).toContain('- [ ] CEO approval');
    expect(markdown).toContain('**Waits for CEO and Engineering Lead** since 2026-11-20 11:00 UTC');
    expect(markdown).toContain('`windlass approve shop go_live`');
  });

  test('never shows what is not configured, skipped or not asked for as done', () => {
    const record = recordAfter([
      { event: 'step_started', id: 'readiness.check', title: 'Check readiness', phase: 'readiness' },
      {
        event: 'step_done',
        id: 'readiness.check',
        detail: '3 commits',
      },
      {
        event: 'step_not_configured',
        id: 'readiness.host',
        title: 'Look at the host',
        reason: 'no host is configured',
        phase: 'readiness',
      },
      {
        event: 'step_not_configured',
        id: 'staging.deployment',
        title: 'Deploy',
        reason: 'no staging',
        phase: 'staging',
      },
      { event: 'step_started', id: 'go_live.approval', title: 'Go live', phase: 'go_live' },
      { event: 'step_done', id: 'go_live.approval', detail: 'policy asks for nobody' },
      {
        event: 'step_not_configured',
        id: 'finalize.release_page',
        title: 'Page',
        reason: 'no host',
        phase: 'finalize',
      },
    ]);
    const all = viewChecklist(record).flatMap((section) => section.items);
    expect(all.filter((item) => item.status === 'done')).toEqual([]);
    expect(statusOf(record, 'Pre-Release', 'No critical/high open bugs')).toBe('not_configured');
    expect(statusOf(record, 'Staging', 'Smoke tests passing')).toBe('not_configured');
    expect(statusOf(record, 'Staging', 'CEO approval')).toBe('not_configured');
    expect(renderChecklist(record)).not.toContain('[x]');
  });

  test('calls a deployment done only once it is healthy, and rolled back once it was taken back', () => {
    const upTo = UNTIL_MONITORING.findIndex(
      (event) => event.event === 'step_started' && event.id === 'production.health',
    );
    expect(
      statusOf(recordAfter(UNTIL_MONITORING.slice(0, upTo)), 'Production', 'Deployed successfully'),
    ).toBe('running');
    expect(statusOf(recordAfter(UNTIL_MONITORING), 'Production', 'Deployed successfully')).toBe('done');
    const back = recordAfter([
      ...ROLLED_BACK,
      { event: 'ended', outcome: 'rolled_back', ending: 'orders are lost', remains: [] },
    ]);
    expect(statusOf(back, 'Production', 'Deployed successfully')).toBe('rolled_back');
    expect(renderChecklist(back)).toContain('- [ ] Deployed successfully — *rolled back*: orders are lost');
    expect(renderStatus(back, { colour: false, now: back.startedAt })).not.toContain('FAILED');
  });

  test('has nothing to come once the release is over', () => {
    const record = recordAfter([
      ...UNTIL_GO_LIVE,
      { event: 'ended', outcome: 'aborted', ending: 'no need', remains: [] },
    ]);
    const all = viewChecklist(record).flatMap((section) => section.items);
    expect(all.filter((item) => item.status === 'open')).toEqual([]);
    expect(statusOf(record, 'Production', 'Git tag created')).toBe('not_reached');
    expect(statusOf(record, 'Staging', 'QA sign-off')).toBe('done');
    expect(renderChecklist(record)).toContain('- [ ] Git tag created — *not reached*');
  });

  test('calls monitoring normal only where its whole time was watched', () => {
    const step = { id: 'monitoring.window', title: 'Watch', phase: 'production' } as const;
    const over = recordAfter([
      ...UNTIL_MONITORING,
      { event: 'step_started', ...step },
      { event: 'step_done', id: step.id, detail: 'ended' },
    ]);
    expect(statusOf(over, 'Production', 'Monitoring normal')).toBe('done');
    const monitoring = {
      ...{ status: 'ended_early', reason: 'ended early by ben: enough seen', level: 'enhanced' },
      ...{ startedAt: over.startedAt, observedMs: 60_000, windowMs: 3_600_000, samples: 4, checks: [] },
    };
    const early = { ...over, monitoring } as ReleaseRecord;
    expect(statusOf(early, 'Production', 'Monitoring normal')).toBe('ended_early');
    expect(renderChecklist(early)).toContain('- [ ] Monitoring normal — *ended early*: ended early by ben');
  });

  test('stays under what Temporal takes, whatever floods the record', () => {
    const flood = '💥<b>'.repeat(2_000);
    const record = recordAfter([
      {
        event: 'planned',
        plan: {
          ...SAMPLE_PLAN,
          concerns: Array(50).fill(flood),
          included: Array(60).fill({ sha: 'c'.repeat(40), subject: flood, type: 'feat', author: flood }),
        },
        title: flood,
      },
      { event: 'blocked', blockers: Array(100).fill(flood) },
      ...Array.from({ length: 60 }, (_, i): SampleEvent => ({ event: 'noted', what: `${i} ${flood}` })),
    ]);
    const markdown = renderChecklist(record);
    expect(Buffer.byteLength(markdown)).toBeLessThan(20_000);
    expect(renderer.render(markdown)).not.toContain('<b>');
    expect(Buffer.byteLength(renderSummary(record))).toBeLessThanOrEqual(200);
    for (const values of Object.values(viewSearchAttributes(record))) {
      for (const value of values) expect(Buffer.byteLength(value)).toBeLessThanOrEqual(255);
    }
  });
});

test('a failed step says what happened, what changed and what to do, everywhere', () => {
  const record = recordAfter([
    ...UNTIL_GO_LIVE.slice(0, 8),
    { event: 'step_started', id: 'gates.load', title: 'Load test', phase: 'gates', role: 'qa' },
    {
      event: 'step_failed',
      id: 'gates.load',
      failure: {
        type: 'ScriptFailed',
        what: 'p99 was 900 ms',
        changed: 'nothing',
        next: 'look at the log',
        logTail: 'boom',
      },
    },
    {
      event: 'waiting',
      waiting: { for: ['operator'], reason: 'Load test failed', actions: ['retry', 'skip', 'abort'] },
    },
  ]);
  const views = [
    renderChecklist(record),
    renderStatus(record, { colour: false, now: '2026-11-20T12:00:00.000Z' }),
    renderNotification(record, { occasion: 'failed', step: 'gates.load' }).text,
  ];
  for (const view of views) {
    expect(view).toContain('p99 was 900 ms');
    expect(view).toContain('look at the log');
    expect(view).toContain('windlass retry shop');
  }
  expect(views[1]).toContain('Waits for operator, for 1 h');
});

test('a status entry has the mission’s keys and calls no gate passed that did not run', () => {
  const record = recordAfter(UNTIL_MONITORING);
  expect(viewReleaseStatus(record)).toEqual({
    version: '1.3.0',
    type: 'minor',
    status: 'deployed',
    created_at: '2026-11-20T10:00:00.000Z',
    deployed_at: '2026-11-20T11:30:00.000Z',
    quality_gates: {
      load_testing: 'passed',
      performance_profiling: 'not_required',
      container_build: 'not_configured',
    },
    deployment: { environment: 'production', strategy: 'blue-green', status: 'success' },
    registries: [],
  });
  expect(viewReleaseStatus(recordAfter(ROLLED_BACK)).status).toBe('rolled_back');
});

test('the state file names what runs, also after a rollback', () => {
  expect(viewProductState(recordAfter(UNTIL_MONITORING))).toMatchObject({
    phase: 'production',
    version: '1.3.0',
    last_release: '2026-11-20T11:30:00.000Z',
  });
  const back = recordAfter([
    ...ROLLED_BACK,
    { event: 'ended', outcome: 'rolled_back', ending: 'x', remains: [] },
  ]);
  expect(viewProductState(back).version).toBe('1.2.0');
});

describe('notices', () => {
  test('the go-live request has notes, contents, staging address and concerns', () => {
    const notice = renderNotification(recordAfter(UNTIL_GO_LIVE), {
      occasion: 'approval_wanted',
      gate: 'go_live',
    });
    expect(notice.subject).toBe('Shop 1.3.0 is staged and verified. Ready for production?');
    for (const part of [
      '1.2.0 -> 1.3.0 (minor)',
      'https://staging.shop.test',
      'feat: gift cards',
      'and 1 more',
      'migrations are not backward compatible',
      '3 changes: 1 new',
    ]) {
      expect(notice.text).toContain(part);
    }
  });

  test('each reminder and each new failure is news, the same one is not', () => {
    const open = recordAfter(UNTIL_GO_LIVE);
    const reminded = recordAfter([...UNTIL_GO_LIVE, { event: 'reminded', key: 'go_live', whom: ['ceo'] }]);
    const id = (record: ReleaseRecord) =>
      renderNotification(record, { occasion: 'reminder', gate: 'go_live' }).id;
    expect(id(open)).toBe(id(recordAfter(UNTIL_GO_LIVE)));
    expect(id(open)).not.toBe(id(reminded));
  });

  test('complete and rolled back say what runs and how it is watched', () => {
    const complete = renderNotification(
      recordAfter([
        ...UNTIL_MONITORING,
        {
          event: 'monitoring',
          monitoring: {
            level: 'enhanced',
            windowMs: 3_600_000,
            observedMs: 3_600_000,
            startedAt: '',
            status: 'passed',
            samples: 60,
            reason: 'no regression',
            checks: [],
          },
        },
        { event: 'linked', name: 'release notes', url: 'https://github.test/r/1' },
      ]),
      { occasion: 'complete' },
    );
    for (const part of [
      '1.3.0',
      'https://shop.test',
      'https://github.test/r/1',
      'passed (1 h of 1 h observed)',
    ])
      expect(complete.text).toContain(part);
    const back = renderNotification(recordAfter(ROLLED_BACK), { occasion: 'rolled_back' });
    expect(back.text).toContain('orders are lost');
    expect(back.text).toContain('Runs now: 1.2.0');
  });
});

test('a post-mortem and the figures come from the record alone', () => {
  const back = recordAfter([
    ...ROLLED_BACK,
    { event: 'ended', outcome: 'rolled_back', ending: 'orders are lost', remains: [] },
  ]);
  const view = viewPostMortem(back);
  expect(view).toMatchObject({ severity: 'critical', cause: 'orders are lost', version: '1.3.0' });
  expect(viewPostMortem(recordAfter(UNTIL_GO_LIVE))).toBeUndefined();
  const released = recordAfter([
    ...UNTIL_MONITORING,
    { event: 'ended', outcome: 'released', ending: 'done', remains: [] },
  ]);
  const records = [back, released, released, recordAfter(UNTIL_GO_LIVE)];
  const figures = measureDelivery(records, released.endedAt ?? '', 14);
  expect(figures).toMatchObject({ deployments: 3, released: 2, rolledBack: 1, deploymentsPerWeek: 1.5 });
  expect(figures.changeFailureRate).toBeCloseTo(1 / 3);
});
