/** Changelog sections and release notes, and what commits cannot do to them. Rendered by markdown-it as the judge. */
import fc from 'fast-check';
import MarkdownIt from 'markdown-it';
import { describe, expect, it } from 'vitest';
import { makeLinks } from '../../../src/release/plan/links/links.ts';
import { webAddress } from '../../../src/release/plan/links/web-address.ts';
import { type PlanOptions, planRelease } from '../../../src/release/plan/plan-release.ts';
import { printable, printableJson } from '../../../src/release/plan/printable.ts';
import { commitsOf, historyOf, OPTIONS, shaOf } from './history-fixtures.ts';

const MESSAGES = [
  'feat(cart): add a cart (#12)\n\nCloses #3',
  'feat!: drop `open` (#13)\n\nBREAKING CHANGE: call `start` instead.\n\n```js\nstart("<b>");\n```',
  'fix: total is right, see acme/other#7 and GH-8',
  'perf: be quick',
  'security: check the token',
  'deprecated: the old door',
  'removed: the older door',
  'build(deps): bump lodash from 4.17.20 to 4.17.21',
  'chore(deps): bump lodash from 4.17.19 to 4.17.20',
  'Tidy up the kitchen',
  'docs: nobody needs this',
];

const plan = (options: Partial<PlanOptions> = {}, messages: string[] = MESSAGES) =>
  planRelease(historyOf(commitsOf(...messages)), { ...OPTIONS, ...options });

describe('A section in the format of Keep a Changelog', () => {
  it('has its groups, links and gathered dependencies', () => {
    expect(plan().changelog).toBe(`## [2.0.0] - 2026-02-03

### Breaking changes

- call \`start\` instead.

  \`\`\`js
  start("<b>");
  \`\`\`

### Added

- **cart:** add a cart ([#12](https://github.com/acme/shop/pull/12)), closes [#3](https://github.com/acme/shop/issues/3)

### Changed

- be quick
- Updated lodash from 4.17.19 to 4.17.21

### Deprecated

- the old door

### Removed

- drop \`open\` ([#13](https://github.com/acme/shop/pull/13))
- the older door

### Fixed

- total is right, see [acme/other#7](https://github.com/acme/other/issues/7) and [#8](https://github.com/acme/shop/issues/8)

### Security

- check the token

### Other changes

- Tidy up the kitchen
`);
  });

  it('can leave pull requests out, and mark what breaks instead of listing it', () => {
    const { changelog } = plan({ includePullRequests: false, breakingSection: false });
    expect(changelog).not.toMatch(/#12|#13|Breaking changes/);
    expect(changelog).toContain('- **Breaking:** drop `open`\n');
    expect(changelog).toContain('closes [#3]');
  });
});

describe('A section in the format of conventional commits', () => {
  it('has commits, its own headings and a heading that links the comparison', () => {
    const { changelog } = plan({ format: 'conventional-commits' });
    expect(changelog).toMatch(
      /^## \[2\.0\.0\]\(https:\/\/github\.com\/acme\/shop\/compare\/v1\.2\.3\.\.\.v2\.0\.0\) \(2026-02-03\)\n/,
    );
    expect(changelog.match(/^### .*$/gm)).toEqual([
      '### ⚠ BREAKING CHANGES',
      '### Features',
      '### Bug Fixes',
      '### Performance Improvements',
      '### Security',
      '### Deprecations',
      '### Removals',
      '### Other Changes',
      '### Dependencies',
    ]);
    const sha = shaOf(MESSAGES.length);
    expect(changelog).toContain(
      `* **cart:** add a cart ([#12](https://github.com/acme/shop/pull/12)) ([${sha.slice(0, 7)}](https://github.com/acme/shop/commit/${sha})), closes [#3]`,
    );
  });
});

describe('Release notes', () => {
  it('follow the template, and leave empty sections out', () => {
    const { notes } = plan();
    expect(notes).toMatch(/^# Shop v2\.0\.0\n\nReleased: 2026-02-03\n\n## Highlights\n\n.+\n/);
    expect(notes.match(/^## .*$/gm)).toEqual([
      '## Highlights',
      '## New Features',
      '## Improvements',
      '## Bug Fixes',
      '## Breaking Changes',
      '## Dependencies',
      '## Other Changes',
      '## Contributors',
    ]);
    expect(notes).toContain('- **cart**: add a cart ([#12]');
    expect(notes).toContain('- Updated lodash from 4.17.19 to 4.17.21\n');
    expect(notes).toContain('Thanks to everyone who contributed to this release!');
    const small = plan({}, ['fix: one']).notes;
    expect(small.match(/^## .*$/gm)).toEqual(['## Highlights', '## Bug Fixes', '## Contributors']);
    expect(small).toContain('- Fixed: one\n');
  });
});

describe('Links', () => {
  it.each([
    ['git@github.com:acme/shop.git', 'https://github.com/acme/shop'],
    ['https://user:ghp_secret@github.com/acme/shop.git', 'https://github.com/acme/shop'],
    ['ssh://git@gitlab.example.com:2222/group/sub/shop.git', 'https://gitlab.example.com/group/sub/shop'],
    ['https://git.example.com:8443/acme/shop/', 'https://git.example.com:8443/acme/shop'],
    ['/srv/git/shop.git', null],
    ['file:///srv/git/shop.git', null],
    ['--upload-pack=x', null],
    ['https://host/a)b', null],
    ['https://host/../x', null],
  ])('from the remote %s go to %s', (remote, address) => {
    expect(webAddress(remote)).toBe(address);
  });

  it('have the forms of GitLab where the host is one', () => {
    const history = historyOf(commitsOf('feat: a (!12)\n\nCloses #3'), {
      repositoryUrl: 'https://gitlab.com/acme/shop',
    });
    const { changelog, compareUrl } = planRelease(history, OPTIONS);
    expect(changelog).toContain('([!12](https://gitlab.com/acme/shop/-/merge_requests/12))');
    expect(changelog).toContain('[#3](https://gitlab.com/acme/shop/-/issues/3)');
    expect(compareUrl).toBe('https://gitlab.com/acme/shop/-/compare/v1.2.3...v1.3.0');
  });

  it('lead from full addresses to the repository and public hosts, but not where a commit wants', () => {
    const line = (subject: string) =>
      plan({}, [`fix: ${subject}`])
        .changelog.split('\n')
        .find((one) => one.startsWith('- '));
    expect(line('see https://github.com/acme/shop/pull/5')).toBe(
      '- see [#5](https://github.com/acme/shop/pull/5)',
    );
    expect(line('see https://github.com/o/r/issues/6.')).toBe(
      '- see [o/r#6](https://github.com/o/r/issues/6).',
    );
    expect(line('see https://evil.invalid/o/r/issues/6')).toBe('- see `https://evil.invalid/o/r/issues/6`');
  });

  it('are plain text without a web address, and cannot be broken by a tag', () => {
    const history = historyOf(commitsOf('feat: a (#1), closes #2'), { repositoryUrl: null });
    expect(planRelease(history, OPTIONS).changelog).toContain('- a (#1), closes #2');
    expect(makeLinks('https://github.com/a/b').compare('x)(y', 'v1 "')).toBe(
      'https://github.com/a/b/compare/x%29%28y...v1%20%22',
    );
  });
});

describe('Text from commits', () => {
  const judge = new MarkdownIt({ html: true, linkify: true });
  /** Everything live in a document: HTML, link targets, images. */
  function liveParts(markdown: string): string[] {
    const live: string[] = [];
    for (const token of judge.parse(markdown, {})) {
      if (token.type === 'html_block') live.push(`html ${token.content}`);
      for (const child of token.children ?? []) {
        if (child.type === 'html_inline') live.push(`html ${child.content}`);
        if (child.type === 'image') live.push(`image ${child.attrGet('src')}`);
        const target = child.type === 'link_open' ? String(child.attrGet('href') ?? '') : '';
        if (target !== '' && !target.startsWith('https://github.com/')) live.push(`link ${target}`);
      }
    }
    return live;
  }
  /** Text outside code, where a mention would notify somebody. */
  function plainText(markdown: string): string {
    return judge
      .parse(markdown, {})
      .flatMap((token) => token.children ?? [])
      .filter((child) => child.type === 'text')
      .map((child) => child.content)
      .join('\n');
  }

  const HOSTILE = [
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '[click](https://evil.invalid)',
    '![x](https://evil.invalid/x.png)',
    '<https://evil.invalid>',
    'https://evil.invalid/path',
    'www.evil.invalid',
    'mail me@evil.invalid',
    '@everyone and @acme/owners',
    '\\<b>not bold</b>',
    '`code` <b> `code`',
    '`open <b>x</b>',
    '``two`` <b>',
    '&lt;script&gt;',
    '# Heading',
    '- list',
    '1. list',
    '> quote',
    '---',
    '[x]: https://evil.invalid',
    'a\n\n[x]: https://evil.invalid',
    '[#1](javascript:alert(1))',
    '<!-- comment',
    'look!#1 and !!#2',
    '**bold** _it_ ~~no~~',
  ];

  it.each(HOSTILE)('puts nothing live into the documents: %j', (text) => {
    const all = [
      `feat: ${text}`,
      `fix(${text.replace(/[()\n]/g, '')}): a`,
      text,
      `feat: b\n\nBREAKING CHANGE: ${text}`,
    ];
    for (const format of ['keep-a-changelog', 'conventional-commits'] as const) {
      const { changelog, notes } = plan({ format, title: text }, all);
      expect(liveParts(changelog)).toEqual([]);
      expect(liveParts(notes)).toEqual([]);
      expect(plainText(notes)).not.toMatch(/(?<![\w`])@\w/);
      expect(judge.render(notes).match(/<h[1-6]>/g)?.length).toBe(notes.match(/^#{1,2} /gm)?.length);
    }
  });

  it('stays harmless for any mixture of markup', () => {
    const pieces = fc.array(
      fc.constantFrom(
        ...HOSTILE,
        '`',
        '```',
        '~~~',
        '\\',
        '*',
        '_',
        '[',
        ']',
        '(',
        ')',
        '<',
        '>',
        '!',
        '&',
        '@x',
        '#1',
        ' ',
        '\n',
        'a',
      ),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(pieces, pieces, (one, two) => {
        const { changelog, notes } = plan({}, [
          `feat: ${one.join('')}`,
          `fix: x\n\nBREAKING CHANGE: ${two.join('')}`,
        ]);
        expect(liveParts(changelog)).toEqual([]);
        expect(liveParts(notes)).toEqual([]);
        expect(plainText(notes)).not.toMatch(/(?<![\w`])@\w/);
      }),
      { numRuns: 600, seed: Number(process.env['WINDLASS_TEST_SEED'] ?? 7) },
    );
  });

  it('loses what would move a cursor or turn the direction of reading', () => {
    const { changelog } = plan({}, ['feat: a\u001b[31m\u202eb\u0007\u009bc']);
    expect(changelog).toContain('- a\\[31mbc\n');
    expect(printable('a\u001b[31m\u202e\r\n\ud800')).toBe('a\\u001b[31m\\u202e\n\\ud800');
    const json = printableJson({ a: '\u009b\u202e\u001b"\u{e0041}' });
    expect(json).toMatch(/^[\n\x20-\x7e]+$/);
    expect(JSON.parse(json)).toEqual({ a: '\u009b\u202e\u001b"\u{e0041}' });
  });
});
