import { describe, expect, it } from 'vitest';
import { mistakesOf, setAt } from './support/config-file.ts';

const of = (key: string, value: unknown) => mistakesOf((_raw, shop) => setAt(shop, `git.${key}`, value));

describe('the words of a release in git', () => {
  it.each([
    ['commit_message', 'chore(release): {version} [skip ci]'],
    ['commit_message', '🔖 {title} {version}\n\nA {type} release of {product}, as {tag}.'],
    ['merge_message', 'Merge release {version} into {branch}'],
    ['tag_message', 'Ausgabe {version} – {title}'],
    ['state_message', 'ci: {what} for {product}'],
    ['branch', 'releases/{product}-{version}'],
    ['hotfix_branch', '{product}/hotfixes/{version}'],
  ])('may be %s: %s', (key, value) => {
    expect(of(key, value)).toEqual([]);
  });

  it.each([
    ['a mark that nobody fills in', 'commit_message', 'chore: {version} {verison}'],
    ['no version', 'commit_message', 'chore: release'],
    ['the version in the body only', 'commit_message', 'chore: release\n\n{version}'],
    ['a trailer that plans the next release', 'commit_message', 'chore: {version}\n\nRelease-As: 9.0.0'],
    ['the trailer of another release', 'tag_message', '{version}\nrelease-id : x'],
    ['a blank first line', 'tag_message', '\n{version}'],
    ['a control character', 'merge_message', '{version}\u0007'],
    ['a branch without version', 'branch', 'release/next'],
    ['a branch that looks like an option', 'branch', '-x/{version}'],
    ['a branch that git refuses', 'branch', 'release..{version}'],
    ['a branch with a hidden part', 'branch', 'release/.{version}'],
    ['a branch that ends as a lock', 'branch', 'release/{version}.lock'],
    ['a full ref', 'branch', 'refs/heads/{version}'],
    ['a mark that a branch has not', 'branch', 'release/{tag}/{version}'],
  ])('are refused: %s', (_, key, value) => {
    expect(of(key, value)).toEqual([expect.stringContaining(`products.shop.git.${key}: a `)]);
  });

  it('name the marks that there are', () => {
    expect(of('tag_message', '{version} {notes}')).toEqual([
      expect.stringContaining('no other marks than {product}, {title}, {version}, {tag}'),
    ]);
  });
});

describe('branches of releases', () => {
  it('are not below the branch that is released', () => {
    expect(of('branch', 'main/v{version}')).toEqual([expect.stringContaining('not below main/')]);
  });

  it('are no tags, and no hotfix', () => {
    expect(of('branch', 'v{version}')).toEqual([expect.stringContaining('another name than the tag has')]);
    expect(of('branch', 'hotfix/shop/v{version}')).toEqual([
      'products.shop.git.hotfix_branch: another name than that of products.shop.git.branch, whose branches would be the same',
    ]);
  });

  it('are not those of another product of the repository', () => {
    const two = (branch: string) =>
      mistakesOf((raw, shop) => {
        shop.git = { branch };
        raw.products.cart = { ...structuredClone(shop), tag_format: 'cart@{version}', schedule: undefined };
      });
    expect(two('next/{version}')).toEqual([
      expect.stringContaining('products.cart.git.branch: another name'),
    ]);
    expect(two('next/{product}/{version}')).toEqual([]);
  });
});
