/** Changelogs as people really keep them. */
import { describe, expect, it } from 'vitest';
import { insertRelease, type SectionToInsert } from '../../../src/release/plan/changelog/changelog-file.ts';
import { parseChangelog } from '../../../src/release/plan/changelog/changelog-parts.ts';

const release: SectionToInsert = {
  version: '1.2.1',
  section: '## [1.2.1] - 2026-02-03\n\n### Fixed\n\n- crash\n- wrong total in the cart (#7)\n',
  format: 'keep-a-changelog',
  compareUrl: null,
  unreleasedUrl: null,
  tag: 'v1.2.1',
  previousTag: 'v1.2.0',
  names: ['my-pkg'],
};
const insert = (text: string, more: Partial<SectionToInsert> = {}) => {
  const after = insertRelease(text, { ...release, ...more });
  // Only insertions, and none the second time.
  expect(insertRelease(after, { ...release, ...more })).toBe(after);
  return after;
};
const order = (text: string) =>
  text.split('\n').flatMap((line) => /^## \[1\.2\.1\]|OLD/.exec(line)?.[0] ?? []);

describe('The release comes first, above headings of every usual form:', () => {
  it.each([
    ['two numbers', '# Changelog\n\n## 1.2 OLD\n\n- old\n\n## 1.1\n'],
    ['two numbers with a date', '# Changelog\n\n## 1.2 (2024-01-01)\n\n- OLD\n'],
    ['four hashes', '# Changelog\n\n#### 1.2.0 (2024-01-01)\n\n- OLD\n'],
    ['reference links', '# Change Log\n\n## [1.2.0][1.2.0] - 2024-01-01\n\n- OLD\n'],
    ['dates', '# Changelog\n\n## 2024-01-01\n\n- OLD\n'],
    ['the name first', '# History\n\n## my-pkg 1.2.0\n\n- OLD\n'],
    ['a name of a scope', '# History\n\n## @acme/my-pkg@1.2.0\n\n- OLD\n'],
    ['the name and a dash', '# History\n\n## my-pkg-v1.2.0\n\n- OLD\n'],
    ['bold', '# Changelog\n\n**1.2.0** (2024)\n\n- OLD\n'],
    ['bold as a whole', '# Changelog\n\n__v1.2.0 - 2024__\n\n- OLD\n'],
    ['underlined', 'History\n=======\n\n1.2.0 (2024-01-01)\n------------------\n\n- OLD\n'],
    ["Python's notation", '# Changelog\n\n## 1.2.0rc1\n\n- OLD\n'],
    ['the word', '# Changelog\n\n## Version 1.2.0 – 2024\n\n- OLD\n'],
    ['a code name', '# Changelog\n\n## 1.2.0 "Bright Star"\n\n- OLD\n'],
    ['no heading but lists', '# Changelog\n\nWhat changed.\n\n* OLD\n* older\n'],
    ['no title', '- OLD\n'],
    ['a table', '# Changelog\n\n| version | what |\n|---|---|\n| 1.2.0 | OLD |\n'],
  ])('%s', (_form, text) => {
    const after = insert(text);
    expect(order(after)).toEqual(['## [1.2.1]', 'OLD']);
    expect(after.startsWith('## [1.2.1]') || after.indexOf('## [1.2.1]') > 5).toBe(true);
  });

  it('and below title and introduction', () => {
    const text = '# Changelog\n\nAll notable changes,\nin two lines.\n\n## 2024-01-01\n\n- old\n';
    expect(insert(text)).toBe(text.replace('## 2024', `${release.section}\n## 2024`));
  });
});

describe('What is no heading of the product', () => {
  it('a comment holds, is left alone', () => {
    const text =
      '# Changelog\n\n<!--\n## [Unreleased]\n\n### Added\n-->\n\n## [1.2.0] - 2024-01-01\n\n- old\n';
    expect(insert(text)).toBe(text.replace('## [1.2.0]', `${release.section}\n## [1.2.0]`));
    const open = '# Changelog\n\n<!-- a slip\n\n## [1.2.0] - 2024-01-01\n';
    expect(insert(open)).toContain(`${release.section}\n## [1.2.0]`);
  });

  it.each([
    ['only speaks of the version', '## 1.2.1 migration guide\n\n- OLD\n\n## 1.2.0\n'],
    ['leads to the version', '## Upgrading to 1.2.1\n\n- OLD\n\n## 1.2.0\n'],
    ['is another package’s', '## other-pkg 1.2.1\n\n- OLD\n\n## my-pkg 1.2.0\n'],
    ['is another scope’s', '## @acme/other@1.2.1\n\n## 1.2.0\n\n- OLD\n'],
  ])('does not count as the release: it %s', (_what, text) => {
    expect(insert(`# Changelog\n\n${text}`)).toContain('## [1.2.1] - 2026-02-03');
  });

  it('but a heading of the version itself does, however it is written', () => {
    for (const heading of [
      '## 1.2.1',
      '## v1.2.1 (2026)',
      '### my-pkg 1.2.1',
      '**1.2.1**',
      '## [1.2.1][1.2.1] - x',
    ]) {
      const text = `# Changelog\n\n${heading}\n\nBy hand.\n`;
      expect(insert(text)).toBe(text);
    }
    const two = '# Changelog\n\n## 1.3\n\n- old\n';
    expect(insertRelease(two, { ...release, version: '1.3.0' })).toBe(two);
  });
});

describe('What people wrote before the release', () => {
  it.each([
    '## [Unreleased][unreleased]',
    '## Unreleased',
    '### Next release',
    '## Upcoming',
    '## [HEAD]',
    '## main (unreleased)',
  ])('under %s becomes part of it', (heading) => {
    const after = insert(`# Log\n\n${heading}\n\n- By hand\n\n## 1.2.0\n`);
    expect(after).toContain(`${heading}\n\n## [1.2.1] - 2026-02-03\n\n- By hand\n\n### Fixed\n\n- crash\n`);
  });

  it.each(['## 1.2.1 (unreleased)', '## [1.3.0] - Unreleased', '1.2.1 (unreleased)\n------------------'])(
    'under its own heading, %j, gets the version and the date',
    (heading) => {
      const after = insert(`# Log\n\n${heading}\n\n- By hand\n\n## 1.2.0\n`);
      expect(after).toContain('# Log\n\n## [1.2.1] - 2026-02-03\n\n- By hand\n\n### Fixed\n\n- crash\n');
      expect(after.toLowerCase()).not.toContain('unreleased');
    },
  );

  const hand = (line: string) => insert(`# Log\n\n## [Unreleased]\n\n### Changed\n\n${line}\n\n## 1.2.0\n`);

  it('takes the place of an entry only if it says the same, or is the same pull request', () => {
    expect(hand('- No more crash reports (a follow-up of #7).')).toContain(
      '- crash\n- wrong total in the cart (#7)',
    );
    expect(hand('- Crash.')).not.toContain('- crash\n');
    expect(hand('- The cart adds up (#7)')).not.toContain('wrong total');
    expect(hand('- The cart adds up ([#7](u))')).not.toContain('wrong total');
    expect(hand('- The cart adds up #7')).not.toContain('wrong total');
    expect(hand('- Wrong total in the cart')).not.toContain('- wrong total');
    expect(hand('- The cart adds up (#70)')).toContain('- wrong total in the cart (#7)');
  });

  it('takes the place of one entry, not of two with the same title', () => {
    const section = '## [1.2.1] - 2026-02-03\n\n### Fixed\n\n- crash (#5)\n- crash (#6)\n';
    const after = insertRelease('## [Unreleased]\n\n- Crash\n\n## 1.2.0\n', { ...release, section });
    expect(after.match(/- crash \(#/g)).toHaveLength(1);
  });
});

describe('Links at the foot', () => {
  const foot = (unreleased: string, more: Partial<SectionToInsert> = {}) =>
    insert(`# Log\n\n## [Unreleased]\n\n## [1.2.0]\n\n- old\n\n${unreleased}\n[1.2.0]: https://h/x\n`, {
      compareUrl: 'https://h/o/r/compare/v1.2.0...v1.2.1',
      ...more,
    });

  it.each([
    [
      '[Unreleased]: https://h/o/r/compare/v1.2.0...HEAD',
      '[Unreleased]: https://h/o/r/compare/v1.2.1...HEAD',
    ],
    [
      '[unreleased]: https://h/o/r/compare/v1.2.0...main',
      '[unreleased]: https://h/o/r/compare/v1.2.1...main',
    ],
    [
      '[Unreleased]: https://h/-/compare/v1.2.0...master',
      '[Unreleased]: https://h/-/compare/v1.2.1...master',
    ],
    [
      '[Unreleased]: https://h/branches/compare/HEAD%0Dv1.2.0',
      '[Unreleased]: https://h/branches/compare/HEAD%0Dv1.2.1',
    ],
    ['[Unreleased]: https://h/compare/v1.2.0.1...HEAD', '[Unreleased]: https://h/compare/v1.2.0.1...HEAD'],
  ])('%s', (before, after) => {
    expect(foot(before)).toContain(`${after}\n[1.2.1]: https://h/o/r/compare/v1.2.0...v1.2.1\n[1.2.0]:`);
  });

  it('are made in the file’s own form where the host’s is not known', () => {
    expect(foot('[Unreleased]: https://h/o/r/compare/v1.2.0...main', { compareUrl: null })).toContain(
      '[Unreleased]: https://h/o/r/compare/v1.2.1...main\n[1.2.1]: https://h/o/r/compare/v1.2.0...v1.2.1\n',
    );
  });
});

it('Parts joined again are the file, whatever its habits', () => {
  const text = '<!-- x -->\n# A\n\n**1.0**\n\n<!--\n## 2.0.0\n-->\n\n## other 3.0.0\r\n\n1.1.0\n-----\n';
  const { preamble, parts, foot } = parseChangelog(text, ['my-pkg']);
  expect(preamble + parts.map((part) => part.text).join('') + foot).toBe(text);
  expect(parts.map((part) => part.version)).toEqual(['1.0.0', null, '1.1.0']);
});
