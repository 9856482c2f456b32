import { describe, expect, it } from 'vitest';
import { insertRelease, type SectionToInsert } from '../../../src/release/plan/changelog/changelog-file.ts';
import { parseChangelog } from '../../../src/release/plan/changelog/changelog-parts.ts';

const release: SectionToInsert = {
  version: '1.3.0',
  section: '## [1.3.0] - 2026-02-03\n\n### Added\n\n- a cart ([#12](u))\n\n### Fixed\n\n- the total\n',
  format: 'keep-a-changelog',
  compareUrl: 'https://h/o/r/compare/v1.2.3...v1.3.0',
  unreleasedUrl: 'https://h/o/r/compare/v1.3.0...HEAD',
};

describe('A new changelog', () => {
  it('has the preamble, an Unreleased section, the release and its links', () => {
    const text = insertRelease(null, release);
    expect(text).toMatch(/^# Changelog\n\nAll notable changes/);
    expect(text).toContain('\n\n## [Unreleased]\n\n## [1.3.0] - 2026-02-03\n\n### Added\n\n- a cart');
    expect(
      text.endsWith(
        '\n- the total\n\n[Unreleased]: https://h/o/r/compare/v1.3.0...HEAD\n[1.3.0]: https://h/o/r/compare/v1.2.3...v1.3.0\n',
      ),
    ).toBe(true);
  });
});

describe('An existing changelog', () => {
  it('gets the release below Unreleased, with a link line of its own, and nothing else moves', () => {
    const before = `# Our log

Some preamble with   odd spacing.

## [Unreleased]

## [1.2.3] - 2025-01-01

- old   entry

[unreleased]: https://h/o/r/compare/v1.2.3...HEAD
[1.2.3]: https://h/o/r/releases/tag/v1.2.3
`;
    expect(insertRelease(before, release)).toBe(`# Our log

Some preamble with   odd spacing.

## [Unreleased]

${release.section}
## [1.2.3] - 2025-01-01

- old   entry

[unreleased]: https://h/o/r/compare/v1.3.0...HEAD
[1.3.0]: https://h/o/r/compare/v1.2.3...v1.3.0
[1.2.3]: https://h/o/r/releases/tag/v1.2.3
`);
  });

  it('makes what people wrote under Unreleased part of the release, without listing anything twice', () => {
    const before =
      '# Log\n\n## [Unreleased]\n\n### Added\n\n- A lovely cart, at last (#12)\n- By hand\n\n## [1.2.3] - 2025-01-01\n';
    const text = insertRelease(before, { ...release, compareUrl: null });
    expect(text).toBe(
      '# Log\n\n## [Unreleased]\n\n## [1.3.0] - 2026-02-03\n\n### Added\n\n- A lovely cart, at last (#12)\n- By hand\n\n### Fixed\n\n- the total\n\n## [1.2.3] - 2025-01-01\n',
    );
    expect(insertRelease(text, { ...release, compareUrl: null })).toBe(text);
  });

  it('adds generated lines to a group that people have begun', () => {
    const before = '## [Unreleased]\n### Fixed\n- By hand\n\n## 1.2.3\n';
    expect(insertRelease(before, { ...release, compareUrl: null })).toContain(
      '### Fixed\n- By hand\n- the total\n\n### Added\n\n- a cart ([#12](u))\n\n## 1.2.3\n',
    );
  });

  it.each([
    [
      'conventional-changelog',
      '# Change Log\n\n<a name="1.2.3"></a>\n## [1.2.3](x) (2020-01-01)\n\n* a\n',
      '# Change Log\n\n',
      '<a name="1.2.3"></a>',
    ],
    ['plain headings', '# 1.2.3\n\n- a\n', '', '# 1.2.3'],
    [
      'underlined headings',
      'History\n=======\n\n1.2.3 / 2014-01-01\n==================\n\n  * a\n',
      'History\n=======\n\n',
      '1.2.3 / 2014',
    ],
    [
      'headings in code',
      '# Log\n\n```\n## 9.9.9\n```\n\n## v1.2.3\n',
      '# Log\n\n```\n## 9.9.9\n```\n\n',
      '## v1.2.3',
    ],
  ])('of the kind "%s" gets the release above the newest one', (_kind, before, head, rest) => {
    const text = insertRelease(before, { ...release, compareUrl: null });
    expect(text.startsWith(`${head}${release.section}\n${rest}`)).toBe(true);
    expect(text.endsWith(before.slice(head.length))).toBe(true);
  });

  it('gets a patch of an old line where it belongs', () => {
    const before = '# Log\n\n## 2.0.0\n\n- new\n\n## 1.2.9\n\n- old\n';
    const text = insertRelease(before, { ...release, compareUrl: null });
    expect(parseChangelog(text).parts.map((part) => part.version)).toEqual(['2.0.0', '1.3.0', '1.2.9']);
  });

  it('keeps its own line ends, byte order mark and missing final newline', () => {
    const crlf = '\ufeff# Log\r\n\r\n## [1.2.3]\r\n\r\n- a\r\n';
    const text = insertRelease(crlf, release);
    expect(text.replace(/\r\n/g, '')).not.toMatch(/[\r\n]/);
    expect(text.startsWith('\ufeff# Log\r\n\r\n## [1.3.0] - 2026-02-03\r\n\r\n### Added\r\n')).toBe(true);
    expect(text).toContain('\r\n\r\n## [1.2.3]\r\n\r\n- a\r\n');
    const open = insertRelease('# Log\n\nNo release yet', { ...release, compareUrl: null });
    expect(open).toBe(`# Log\n\nNo release yet\n\n${release.section.trimEnd()}`);
  });

  it('is left alone when it has the version already, whatever people made of it', () => {
    const before = '# Log\n\n## [1.3.0] - 2026-02-03\n\nRewritten by a person.\n';
    expect(insertRelease(before, release)).toBe(before);
  });
});

describe('A withdrawn release', () => {
  it('is read back as yanked', () => {
    const marked = '## [1.3.0] - 2026-02-03 [YANKED]\r\n\r\n- a\r\n\r\n## [1.2.3] - 2025-01-01\r\n';
    expect(parseChangelog(marked).parts.map(({ version, date, yanked }) => [version, date, yanked])).toEqual([
      ['1.3.0', '2026-02-03', true],
      ['1.2.3', '2025-01-01', false],
    ]);
  });
});
