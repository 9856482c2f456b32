import { describe, expect, test } from 'vitest';
import { fitNotes } from '../../../src/providers/host/fit-notes.ts';

const around = { whole: 'All of them: `CHANGELOG.md`.', foot: 'Audit: `sha256:x`' };
const fitted = (notes: string, limit: number) => fitNotes({ ...around, notes, limit });
const lines = (count: number) => Array.from({ length: count }, (_, at) => `- change number ${at}`).join('\n');

describe('notes', () => {
  test('that fit are whole, to the last character', () => {
    const all = `# 1.0.0\n\nAudit: \`sha256:x\``;
    expect(fitted('# 1.0.0\n', all.length)).toBe(all);
  });

  test('that do not fit end at a line, and say where the rest is', () => {
    const text = fitted(`# 1.0.0\n\n${lines(100)}`, 400);
    expect(text.length).toBeLessThanOrEqual(400);
    expect(text.length).toBeGreaterThan(370);
    const [notes, pointer] = text.split('\n\n… and more');
    expect(`# 1.0.0\n\n${lines(100)}\n`.startsWith(`${notes}\n`)).toBe(true);
    expect(pointer).toContain('All of them: `CHANGELOG.md`.');
    expect(text.endsWith('\n\nAudit: `sha256:x`')).toBe(true);
  });

  test('of one endless line are cut all the same, and never inside a character', () => {
    for (let limit = 200; limit < 210; limit += 1) {
      const text = fitted('😀'.repeat(500), limit);
      expect(text.length).toBeLessThanOrEqual(limit);
      expect(text.isWellFormed()).toBe(true);
      expect(text).toContain('sha256:x');
    }
  });

  test('are not cut inside a block of code, which would swallow what follows', () => {
    const text = fitted(`# 1.0.0\n\n${lines(5)}\n\n\`\`\`sh\n${lines(100)}\n\`\`\`\n`, 500);
    expect(text).not.toContain('```');
    expect(text).toContain('- change number 4\n\n… and more');
  });
});
