/** What counts as a break: rules 12 and 15 of Conventional Commits 1.0.0, on bodies as people and programs write them. */
import { describe, expect, it } from 'vitest';
import { parseMessage } from '../../../src/release/plan/commits/commit.ts';

const read = (message: string) => parseMessage(message).changes[0];
const FOOTER = '\n\nBREAKING CHANGE: the old client is gone';

describe('A footer breaks', () => {
  it.each([
    ["after a person's details", '<details><summary>Screenshots</summary>\n\nbefore / after\n\n</details>'],
    ["after a person's own heading", '## Release notes\n\nWe have a new client.'],
    ['after a quote', '<blockquote>as discussed</blockquote>\n\n> and so on'],
    ['after code', '```js\nconst a = 1;\n```'],
    ['after a fence that nobody closed', '```js\nconst a = 1;'],
    ["after a template's comment", '<!-- Describe your change -->\n\nA new client.'],
    ['after a rule', 'Long story.\n\n---'],
  ])('%s', (_what, body) => {
    expect(read(`feat: new client (#5)\n\n${body}${FOOTER}`)).toMatchObject({
      bump: 'major',
      breakingNotes: ['the old client is gone'],
    });
  });

  it('below the quoted notes of an update, where a person wrote it', () => {
    const quoted =
      '### Release Notes\n\n<details>\n<summary>x/y (x)</summary>\n\n### v2\n\nBREAKING CHANGE: theirs\n\n</details>\n\n---\n\n### Configuration\n\n**Automerge**: no.';
    expect(read(`fix(deps): update dependency x to v2\n\n${quoted}`)?.breaking).toBe(false);
    expect(read(`fix(deps): update dependency x to v2\n\n${quoted}${FOOTER}`)?.breakingNotes).toEqual([
      'the old client is gone',
    ]);
  });

  it('in a list of what a squash brought, and in what git merge --squash indents', () => {
    expect(read('Client (#5)\n\n* feat: client\n\n* BREAKING CHANGE: the old client is gone')?.bump).toBe(
      'major',
    );
    expect(
      read(
        'Squashed commit of the following:\n\ncommit 0123456789abcdef0123456789abcdef01234567\nAuthor: Ada <a@b.invalid>\n\n    feat: client\n    \n    BREAKING CHANGE: gone',
      )?.bump,
    ).toBe('major');
  });
});

describe('Words that only look like a footer break nothing:', () => {
  it.each([
    ['prose in lower case, wrapped', 'This is not a\nbreaking change: it only adds a guard.'],
    ['prose with a capital', 'Breaking changes: none, everything stays compatible'],
    [
      'capitals wrapped into a sentence',
      'Explain that a commit needs the words\nBREAKING CHANGE when it breaks.',
    ],
    ['code', 'Footers look like\n\n```\nfeat: x\n\nBREAKING CHANGE: y\n```\n'],
    ['code in tildes, in a list', '- ~~~text\nBREAKING CHANGE: y\n~~~\n'],
    ["a template's comment", '<!--\nBREAKING CHANGE: describe it here\n-->\n'],
    ["a template's comment in one line", '<!-- BREAKING CHANGE: describe it here -->'],
    ['a quote', '> BREAKING CHANGE: as they wrote'],
    ['indented code', '    BREAKING CHANGE: an example'],
    ['nothing, with a reason', 'BREAKING CHANGE: none, only the tests move'],
    ['N/A', 'BREAKING CHANGE: N/A (internal)'],
    ['nothing in italics', 'BREAKING CHANGE: _None_'],
    ['a box that is not ticked', '- [ ] BREAKING CHANGE: it breaks'],
    [
      "Dependabot's quote, though a person renamed the pull request",
      'Bumps [x](https://x) from 1 to 2.\n<details>\n<summary>Release notes</summary>\n<p><em>Sourced from <a href="x">x\'s releases</a>.</em></p>\n<blockquote>\nBREAKING CHANGE: theirs\n</blockquote>\n</details>',
    ],
  ])('%s', (_what, body) => {
    expect(read(`fix: parser\n\n${body}`)).toMatchObject({ bump: 'patch', breaking: false });
  });

  it('but what begins with such a word does', () => {
    expect(read('fix: a\n\nBREAKING CHANGE: no longer reads the old file')?.bump).toBe('major');
    expect(read('fix: a\n\nBREAKING CHANGE: none of the old options work')?.bump).toBe('major');
  });
});

describe('A note ends at the next token', () => {
  it.each([
    ['Reviewed-by: Z'],
    ['Refs: #133'],
    ['Refs: 676104e, a215868'],
    ['Refs #133'],
    ['Closes #7'],
    ['JIRA: SHOP-12'],
    ['Change-Id: I0123'],
    ['BREAKING-CHANGE: second'],
    ['* fix: another commit of the squash'],
  ])('%s', (token) => {
    expect(read(`feat: a\n\nBREAKING CHANGE: gone\nfor good\n${token}`)?.breakingNotes[0]).toBe(
      'gone\nfor good',
    );
  });

  it('but not at its own example, its own list or its own words', () => {
    const note =
      'gone\n\n```yaml\nReviewed-by: example\n```\n\n- config: use the new key\nBefore: a\nAfter: b';
    expect(read(`feat: a\n\nBREAKING CHANGE: ${note}`)?.breakingNotes).toEqual([note]);
  });
});

describe('A squash of which the title says nothing', () => {
  it.each([
    ['* feat: login form\n\n* review comments', 'minor'],
    ['* feat!: drop the old form\n\n* review comments', 'major'],
    ['1. fix: total', 'patch'],
    ['- wip\n- fix(cart)!: total', 'major'],
  ])('is what its one conventional commit says: %j', (body, bump) => {
    expect(parseMessage(`Login page (#5)\n\n${body}`).changes).toMatchObject([{ bump, pullRequest: 5 }]);
  });

  it('is not what a sentence of its description looks like', () => {
    expect(read('Login page (#5)\n\nfix: this was asked for by many')).toMatchObject({ type: 'other' });
    expect(read('Login page (#5)\n\n```\n* feat!: x\n```')).toMatchObject({ type: 'other' });
  });
});
