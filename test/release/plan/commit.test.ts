/**
 * How messages are read, by a parser of our own. The well-kept library for it, conventional-commits-parser (7.1.4 was
 * tried, with the Angular pattern of semantic-release), takes 1.4 times as long on the 3,026 messages of the
 * fixtures, and reads the marked cases wrongly.
 */
import { describe, expect, it } from 'vitest';
import { parseMessage } from '../../../src/release/plan/commits/commit.ts';
import { compileRules } from '../../../src/release/plan/commits/type-rules.ts';

const first = (message: string, merge = false) => parseMessage(message, { merge }).changes[0];

describe('A conventional subject', () => {
  it.each([
    ['feat: add x', 'feat', null, 'minor', 'add x'],
    ['fix(api): repair y (#12)', 'fix', 'api', 'patch', 'repair y'],
    ['feat(api)!: drop z', 'feat', 'api', 'major', 'drop z'],
    ['refactor!: rename it', 'refactor', null, 'major', 'rename it'],
    ['FIX: shout', 'fix', null, 'patch', 'shout'],
    ['perf(core): be quick', 'perf', 'core', 'patch', 'be quick'],
    ['docs: explain', 'docs', null, null, 'explain'],
    ['chore(deps): bump a from 1.0.0 to 1.1.0', 'chore', 'deps', null, 'bump a from 1.0.0 to 1.1.0'],
    // The library finds no type in the rest, down to the mark below.
    ['feat!(api): misplaced mark', 'feat', 'api', 'major', 'misplaced mark'],
    ['fix(api) : space before the colon', 'fix', 'api', 'patch', 'space before the colon'],
    ['chore(deps) no colon at all', 'chore', 'deps', null, 'no colon at all'],
    ['feat! rewrite the world', 'feat', null, 'major', 'rewrite the world'],
    ['✨ feat: with an emoji', 'feat', null, 'minor', 'with an emoji'],
    [':bug: repair it', 'fix', null, 'patch', 'repair it'],
    ['💥 drop the old door', 'breaking', null, 'major', 'drop the old door'],
    ['[FIX] repair it', 'fix', null, 'patch', 'repair it'],
    ['[IMP] sale: better sums', 'change', null, 'patch', 'sale: better sums'],
    ['feat：a wide colon', 'feat', null, 'minor', 'a wide colon'],
    // Teams that must name a ticket first.
    ['SHOP-12: feat(cart): a cart', 'feat', 'cart', 'minor', 'a cart (SHOP-12)'],
    ['[SHOP-12] fix: repair it', 'fix', null, 'patch', 'repair it (SHOP-12)'],
    // Here it finds types, but none that its preset knows: ESLint's prefixes.
    ['New: `foo` option (fixes #1)', 'feat', null, 'minor', '`foo` option (fixes #1)'],
    ['Update: wider `bar`', 'change', null, 'minor', 'wider `bar`'],
    ['Breaking: drop Node 4', 'breaking', null, 'major', 'drop Node 4'],
    // Azure puts its number in front.
    ['Merged PR 42: feat(ui): a button', 'feat', 'ui', 'minor', 'a button'],
  ])('%s', (message, type, scope, bump, text) => {
    expect(first(message)).toMatchObject({ type, scope, bump, text, conventional: true });
  });

  it('is no subject of which no convention knows the type: those count as a patch among the others', () => {
    for (const message of [
      'https://example.invalid: see there',
      'net/http: close it',
      'Core: tidy',
      'fix the build',
      'Wow! Great stuff',
      'UTF-8 text: read it',
      'SHOP-12 repair it',
      'WIP',
    ]) {
      expect(first(message)).toMatchObject({
        type: 'other',
        section: 'other',
        bump: 'patch',
        conventional: false,
      });
    }
  });
});

describe('A breaking change', () => {
  // The library ends a note at the first blank line, so that the way to migrate is lost.
  it('is told by either footer, over several lines and paragraphs, until the next footer', () => {
    const message =
      'fix(api): tidy\n\nBody.\n\nBREAKING CHANGE: `open` takes options now.\n\nBefore: open(1)\nAfter: open({ level: 1 })\n\nReviewed-by: Z\nCloses #7';
    expect(first(message)).toMatchObject({
      bump: 'major',
      breakingNotes: ['`open` takes options now.\n\nBefore: open(1)\nAfter: open({ level: 1 })'],
    });
    expect(first('fix: a\r\n\r\nBREAKING-CHANGE: gone\r\n')).toMatchObject({
      bump: 'major',
      breakingNotes: ['gone'],
    });
  });

  it('needs no colon in capitals, also where a squash lists it', () => {
    const message =
      'rewrite it (#80)\n\n* tidy the rest\n\nBREAKING CHANGE own providers changed\nin two ways';
    expect(first(message)).toMatchObject({
      bump: 'major',
      breakingNotes: ['own providers changed\nin two ways'],
    });
    expect(first('fix: a\n\nA breaking change is not in here.')?.bump).toBe('patch');
    expect(first('fix: a\n\nBREAKING CHANGES are listed elsewhere.')?.bump).toBe('patch');
  });

  // The library finds neither type nor note.
  it('may be the subject itself', () => {
    expect(first('BREAKING CHANGE: remove Node 0.12 (#524)')).toMatchObject({
      bump: 'major',
      breakingNotes: ['remove Node 0.12'],
      pullRequest: 524,
    });
  });

  it('is told by every one of several footers', () => {
    const change = first('feat: a\n\nBREAKING CHANGE: one\nBREAKING CHANGE: two\nstill two');
    expect(change?.breakingNotes).toEqual(['one', 'two\nstill two']);
  });

  // The library reads the first two as breaking.
  it.each([
    ['a template that says none', 'fix: a\n\nBREAKING CHANGE: none'],
    [
      'the release notes of a dependency, quoted',
      'fix(deps): update x to v2\n\n### Release Notes\n\nBREAKING CHANGE: theirs',
    ],
    ['prose about it', 'docs: b\n\nbreaking change notes are described here'],
    ['a word in a sentence', 'fix: a\n\nThis avoids a BREAKING CHANGE in v2.'],
  ])('is not %s', (_what, message) => {
    expect(first(message)?.breaking).toBe(false);
  });
});

describe('A squash', () => {
  // The library finds nothing here, and neither do the tools that use it.
  it('counts each listed commit when its title follows no convention', () => {
    const { changes } = parseMessage(
      'Everything for the new shop (#12)\n\n* feat(cart): add a cart\n\nlong text\n\n* fix: total\n\n* wip\n\nCo-authored-by: Bo <bo@example.invalid>',
    );
    expect(changes.map(({ type, text, pullRequest }) => [type, text, pullRequest])).toEqual([
      ['feat', 'add a cart', 12],
      ['fix', 'total', 12],
    ]);
  });

  it('is what its conventional title says, which reviewers approved, and not its list of steps', () => {
    const { changes } = parseMessage('fix: repair it (#12)\n\n* feat: first try\n\n* fix: typo');
    expect(changes).toHaveLength(1);
    expect(changes[0]).toMatchObject({ type: 'fix', bump: 'patch' });
  });

  it('still breaks what a footer in its list breaks', () => {
    expect(first('feat: big (#1)\n\n* feat: a\n\nBREAKING CHANGE: gone\n\n* fix: b')).toMatchObject({
      bump: 'major',
      breakingNotes: ['gone'],
    });
  });

  it('does not bury Release-As or its authors', () => {
    const parsed = parseMessage(
      'chore: all of it\n\n* feat: a\n\n  Release-As: 3.0.0\n\nCo-authored-by: Bo Li <bo@example.invalid>\nCo-Authored-By: Cy <cy@example.invalid>',
    );
    expect(parsed.releaseAs).toBe('3.0.0');
    expect(parsed.coAuthors.map((person) => person.name)).toEqual(['Bo Li', 'Cy']);
  });
});

describe('A merge', () => {
  it('speaks by the title of its pull request', () => {
    expect(
      parseMessage('Merge pull request #9 from bo/cart\n\nfeat(cart): add a cart', { merge: true }),
    ).toMatchObject({
      kind: 'merge',
      changes: [{ type: 'feat', scope: 'cart', text: 'add a cart', pullRequest: 9 }],
    });
    expect(
      first("Merge branch 'x' into 'main'\n\nfix: total\n\nSee merge request acme/shop!77", true),
    ).toMatchObject({
      type: 'fix',
      pullRequest: 77,
    });
  });

  it.each([
    ["Merge branch 'main' of github.com:acme/shop"],
    ['Merge pull request #9 from bo/cart\n\nAdd a cart'],
    ["Merge branch 'v2'\n\n# Conflicts:\n#\tpackage.json"],
    ['v18 to v19'],
  ])('says nothing by itself: %s', (message) => {
    expect(parseMessage(message, { merge: true }).changes).toEqual([]);
  });
});

describe('A commit of a release itself', () => {
  it("is known by the team's own template too, where the trailer says so", () => {
    const git = { commitMessage: 'feat: ship {title} {version} now' };
    const kind = (message: string) => parseMessage(message, { git }).kind;
    expect(kind('feat: ship Shop 1.2.3 now\n\nRelease-Id: 7f')).toBe('release');
    expect(kind('feat: ship Shop 1.2.3 now')).toBe('change');
    expect(kind('feat: ship Shop 1.2.3 later\n\nRelease-Id: 7f')).toBe('change');
    expect(kind('feat: support 1.2.3 now\n\nRelease-Id: 7f')).toBe('change');
  });

  it.each([
    ['chore(release): 1.1.0'],
    ['chore(main): release 6.9.4 (#2155)'],
    ['chore(main): release storage 6.9.4'],
    ['chore: release v1.2.3'],
    ['Release 17.1.0'],
    ['release: v1.2.3'],
    ['2.3.1'],
    ['v2.3.1'],
    ['Bump version to 1.2.3'],
    ['Version Packages (#12)'],
    ['chore(release): @acme/shop@1.2.3 [skip ci]'],
    [':bookmark: 1.2.3'],
    ['[maven-release-plugin] prepare release shop-1.2.3'],
    ['chore(release): update state of shop\n\nRelease-Id: 7f'],
    ['Ship shop 1.2.3 to everybody\n\nRelease-Id: 7f'],
    ['fix(release): 1.2.3\n\nRelease-Id: 7f'],
    ['Shop: record release status\n\nRelease-Id: 7f'],
    ['(cargo-release) version 1.2.3'],
    ['Preparing release 1.2.3'],
    ['Back to development: 1.3.0'],
    ['Start 1.3.0 development'],
    ['chore: start next development iteration 1.3.0-SNAPSHOT'],
    ['Begin development on 1.3.0-dev'],
    ['Add v7.26.0 to CHANGELOG.md [skip ci]'],
    ['docs: update changelog for 1.2.3'],
    ['Update CHANGELOG.md for v1.2.3 (#12)'],
    ['docs(changelog): 1.2.3 changelog'],
  ])('releases nothing: %s', (message) => {
    expect(parseMessage(message).kind).toBe('release');
  });

  it.each([
    ['chore: release notes are written by hand'],
    ['fix: release the lock'],
    // A trailer that anybody can write hides no change.
    ['fix: anything\n\nRelease-Id: 7f'],
    ['Add a back door\n\nRelease-Id: 7f'],
    ['feat: support 1.2.3 of the protocol\n\nRelease-Id: 7f'],
    ['feat: publish to a second registry'],
    ['Bump lodash from 4.17.20 to 4.17.21'],
    ['fix(deps): update dependency x to v1.2.3'],
    ['Support Node.js 20.1.0'],
    ['Release the lock in 1.2.3 as well'],
    ['Start development of a new parser'],
    ['Prepare the development server'],
    ['Add a changelog for plugins'],
    ['docs: add migration guide for 1.2.3'],
    ['Update changelog for the 1.2.3 parser and its options'],
  ])('is not meant by: %s', (message) => {
    expect(parseMessage(message).kind).toBe('change');
  });
});

it('A version in development announces nothing: it is not out', () => {
  expect(parseMessage('Bump version to 1.3.0-dev').announces).toBeNull();
  expect(parseMessage('Bump version to 1.3.0-SNAPSHOT').announces).toBeNull();
  expect(parseMessage('Release 1.3.0-rc.1').announces).toBe('1.3.0-rc.1');
});

describe('Updates of dependencies', () => {
  it.each([
    ['build(deps): bump lodash from 4.17.20 to 4.17.21', [['lodash', '4.17.20', '4.17.21']]],
    ['Bump @scope/pkg from 1.0.0 to 2.0.0 in /app (#3)', [['@scope/pkg', '1.0.0', '2.0.0']]],
    ['chore(deps): update dependency vitest to v5.1 (#3)', [['vitest', null, 'v5.1']]],
    ['chore(deps): update actions/checkout action to v4', [['actions/checkout', null, 'v4']]],
    ['fix(package): update @a/error to version 2.0.0', [['@a/error', null, '2.0.0']]],
    ['fix(deps): bump x from `^1.0.0` to `^2.0.0`', [['x', '^1.0.0', '^2.0.0']]],
    [
      'build(deps): bump the all group across 1 directory with 2 updates\n\nUpdates `a` from 1.0.0 to 1.1.0\n- [Notes](x)\n\nUpdates `@b/c` from 2.0.0 to 3.0.0\n',
      [
        ['a', '1.0.0', '1.1.0'],
        ['@b/c', '2.0.0', '3.0.0'],
      ],
    ],
    [
      'fix(deps): update dependency undici to v5.26.2 [security]\n\n| [undici](x) | dependencies | patch | [`5.24.0` -> `5.26.2`](y) |',
      [['undici', '5.24.0', '5.26.2']],
    ],
    ['chore(deps): lock file maintenance', []],
    ['fix: update the docs from a to b', []],
  ])('%s', (message, expected) => {
    expect(first(message)?.dependencies.map(({ name, from, to }) => [name, from, to])).toEqual(expected);
  });
});

describe('Rules of the product', () => {
  it('give a type by expression or by label, before any convention', () => {
    const { rules, mistakes } = compileRules([
      { pattern: '^\\[shop\\]', type: 'feat' },
      { label: 'bug', type: 'fix' },
    ]);
    expect(mistakes).toEqual([]);
    expect(parseMessage('[Shop] new shelves', { rules }).changes[0]).toMatchObject({
      type: 'feat',
      conventional: true,
    });
    expect(parseMessage('chore: odd', { rules, labels: ['bug'] }).changes[0]).toMatchObject({
      type: 'fix',
      bump: 'patch',
    });
  });

  it('may say that what they name breaks', () => {
    const { rules, mistakes } = compileRules([
      { pattern: '^drop ', type: 'feat!' },
      { pattern: '^polish ', type: 'docs!' },
    ]);
    expect(mistakes).toEqual([]);
    for (const message of ['drop the old api', 'polish the old api away']) {
      expect(parseMessage(message, { rules }).changes[0]).toMatchObject({ bump: 'major', breaking: true });
    }
  });

  it('tell every mistake at once, in sentences', () => {
    const { rules, mistakes } = compileRules([
      { pattern: '(', type: 'feat' },
      { pattern: 'x', type: 'feet' },
    ]);
    expect(rules).toEqual([]);
    expect(mistakes).toHaveLength(2);
    expect(mistakes[1]).toContain('unknown type "feet"');
  });
});
