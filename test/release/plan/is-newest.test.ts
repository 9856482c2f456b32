import { expect, test } from 'vitest';
import { isNewest } from '../../../src/release/plan/is-newest.ts';

test.each([
  ['nothing beside it', '1.0.0', [], 'v{version}', true],
  ['lower ones', '1.2.0', ['v1.1.9', 'v0.9.0'], 'v{version}', true],
  ['its own page', '1.2.0', ['v1.2.0'], 'v{version}', true],
  ['a higher line', '1.0.1', ['v1.0.0', 'v2.0.0'], 'v{version}', false],
  ['a higher one from before the tags got their v', '1.0.1', ['2.0.0'], 'v{version}', false],
  ['a higher pre-release of the next line', '1.0.1', ['v2.0.0-rc.1'], 'v{version}', false],
  ['another product of the monorepo', '1.0.1', ['app@2.0.0', 'v3.0.0'], 'shop@{version}', true],
  ['a higher one of the same product', '1.0.1', ['shop@1.10.0'], 'shop@{version}', false],
  ['what is no version', '1.0.1', ['nightly', 'v2', 'v2.0'], 'v{version}', true],
] as const)('beside %s', (_beside, version, tags, tagFormat, expected) => {
  expect(isNewest(version, tags, { tagFormat })).toBe(expected);
});
