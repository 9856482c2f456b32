import { describe, expect, it } from 'vitest';
import {
  channelsOf,
  fillMovingTag,
  maintenanceLine,
  prereleaseChannel,
} from '../../src/release/dist-tags.ts';

const stable = { releaseType: 'stable', branch: 'main' };

describe('the channels of a version', () => {
  it.each([
    ['the first version', '1.0.0', undefined, ['latest']],
    ['the next one', '1.1.0', '1.0.0', ['latest']],
    ['a stable one beside a pre-release that took latest', '1.0.1', '2.0.0-beta.1', ['latest']],
    ['a version of the line before', '1.9.1', '2.0.0', ['latest', 'release-1.x']],
    ['a version of the minor before', '1.2.9', '1.3.0', ['latest', 'release-1.2.x']],
    ['a patch that came late', '1.2.8', '1.2.9', ['latest']],
    ['a pre-release', '2.0.0-beta.1', '1.0.0', ['beta']],
    ['a pre-release without a dot', '2.0.0-rc1', '1.0.0', ['rc']],
    ['a pre-release by number', '2.0.0-0', '1.0.0', ['next']],
    ['a pre-release that calls itself latest', '2.0.0-latest.1', '1.0.0', ['next']],
    ['a version with build metadata that has a hyphen', '1.1.0+build-7', '1.0.0', ['latest']],
  ])('%s (%s)', (_what, version, latest, expected) => {
    expect(channelsOf({ ...stable, version, latest })).toEqual(expected);
  });

  it('follow the branch where it is a maintenance branch, also before the next major one is out', () => {
    expect(channelsOf({ ...stable, branch: '1.x', version: '1.9.1', latest: '1.9.0' })).toEqual([
      'latest',
      'release-1.x',
    ]);
  });

  it.each([
    ['1.x', '1'],
    ['1.2.x', '1.2'],
    ['1.x.x', '1'],
    ['v2.x', '2'],
    ['release/1.2.x', '1.2'],
    ['maint-3.x', '3'],
    ['main', undefined],
    ['release-2024', undefined],
    ['fix/1.2.3', undefined],
  ])('the branch %s keeps the line %s alive', (branch, line) => {
    expect(maintenanceLine(branch)).toBe(line);
  });

  it('of a product that releases a channel is that channel', () => {
    expect(prereleaseChannel('2.0.0-beta.1', 'canary')).toBe('canary');
  });
});

describe('a moving tag', () => {
  it.each([
    ['latest', 'latest'],
    ['{major}', '12'],
    ['v{major}.{minor}-slim', 'v12.3-slim'],
  ])('%s becomes %s', (template, tag) => {
    expect(fillMovingTag(template, '12.3.4')).toBe(tag);
  });
});
