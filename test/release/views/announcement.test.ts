import MarkdownIt from 'markdown-it';
import { describe, expect, test } from 'vitest';
import type { IncludedChange } from '../../../src/release/values.ts';
import {
  renderBlogTask,
  renderCustomerMessage,
  renderDocumentationTask,
  renderResolution,
} from '../../../src/release/views/announcement.ts';
import { recordAfter, UNTIL_MONITORING } from './sample-record.ts';

const CHANGES: IncludedChange[] = [
  { sha: 'c'.repeat(40), subject: 'feat(cart)!: totals are in cents', type: 'feat', author: 'nia' },
  { sha: 'd'.repeat(40), subject: 'feat: gift cards', type: 'feat', author: 'leo' },
  { sha: 'e'.repeat(40), subject: 'chore: tidy the internal ledger', type: 'chore', author: 'leo' },
];

function recordOf(included: IncludedChange[], breaking: string[]) {
  return recordAfter(
    UNTIL_MONITORING.map((event) =>
      event.event === 'planned'
        ? {
            ...event,
            plan: {
              ...event.plan,
              included,
              reasons: breaking.map((subject) => ({ sha: 'c'.repeat(40), subject, bump: 'major' })),
            },
          }
        : event,
    ),
  );
}

describe('what a release type tells besides the CEO', () => {
  const record = recordOf(CHANGES, ['feat(cart)!: totals are in cents']);

  test('customers learn what is new and what to check, without internals and names of colleagues', () => {
    const { subject, lines } = renderCustomerMessage(record);
    expect(subject).toBe('Shop 1.3.0 is available');
    const text = lines.join('\n');
    expect(text).toContain('New:\n\n- totals are in cents\n- gift cards');
    expect(text).toContain('Please check before you use it:\n\n- totals are in cents');
    expect(text).not.toMatch(/ledger|leo|nia|feat/);
  });

  test('the documentation gets a list to tick off, what breaks first', () => {
    const { body, labels } = renderDocumentationTask(record);
    expect(labels).toEqual(['documentation']);
    expect(body.indexOf('- [ ] totals are in cents')).toBeLessThan(body.indexOf('- [ ] gift cards'));
  });

  test('the notice that ends an incident names the version and what was mended', () => {
    const { subject, lines } = renderResolution(record);
    expect(subject).toBe('Resolved: Shop 1.3.0 is live');
    expect(lines.join('\n')).toContain('Mended:\n\n- totals are in cents');
  });

  test('lists at most forty changes, and says how many more there are', () => {
    const many = Array.from({ length: 55 }, (_, i) => ({
      ...(CHANGES[1] as IncludedChange),
      subject: `feat: card ${i}`,
    }));
    const { lines } = renderCustomerMessage(recordOf(many, []));
    expect(lines.filter((line) => line.startsWith('- card'))).toHaveLength(40);
    expect(lines).toContain('- and 15 more');
  });

  test.each(['<img src=x onerror=alert(1)>', '[click](javascript:alert(1))', '@everyone\n# heading\n\n---'])(
    'text from commits stays text: %j',
    (hostile) => {
      const change = { ...(CHANGES[1] as IncludedChange), subject: `feat: ${hostile}` };
      const hostileRecord = recordOf([change], [hostile]);
      const renderer = new MarkdownIt({ html: true, linkify: true });
      for (const { body } of [renderBlogTask(hostileRecord), renderDocumentationTask(hostileRecord)]) {
        const html = renderer.render(body);
        expect(html).not.toMatch(/<(img|a|script|hr)\b/);
        expect(html).not.toContain('<h1>heading');
        expect(html).not.toMatch(/(?<!<code>)@everyone/);
      }
      const { lines } = renderCustomerMessage(hostileRecord);
      expect(lines.filter((line) => line.includes('\n'))).toEqual([]);
    },
  );
});
