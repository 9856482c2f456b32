import { describe, expect, test } from 'vitest';
import { type ApiClient, ApiProblem } from '../../../src/cli/api-client.ts';
import type { ReleaseView } from '../../../src/cli/remote/answers.ts';
import { followRelease } from '../../../src/cli/remote/follow/follow-release.ts';
import { runWatch, watchRelease } from '../../../src/cli/remote/follow/watch.ts';
import { runRelease } from '../../../src/cli/remote/start/release.ts';
import { openRecord, type ReleaseRecord } from '../../../src/release/record/record.ts';
import { makeContext } from '../cli-context.ts';

function viewOf(releaseId: string, startedAt: string, change: Partial<ReleaseRecord> = {}): ReleaseView {
  const request = {
    releaseId,
    product: 'shop',
    bump: 'auto',
    requestedBy: 'cleo',
    requestedAt: startedAt,
    via: 'cli',
  } as const;
  const record = { ...openRecord('release', request, 'Shop', startedAt), ...change };
  return { record, open: record.outcome === undefined };
}

/** Gives these answers one after another, and has no streams. */
function answering(views: ReleaseView[]): ApiClient {
  return {
    address: 'http://127.0.0.1:1',
    get: async <Answer>() => (views.length > 1 ? views.shift() : views[0]) as Answer,
    post: async () => {
      throw new Error('nothing is sent');
    },
    openText: () => Promise.reject(new Error('not here')),
    openEvents: async () => {
      throw new ApiProblem('no streams here', 404, undefined);
    },
  };
}

const BEFORE = viewOf('shop-1', '2026-11-20T10:00:00.000Z', { outcome: 'released', ending: 'the old one' });
const STARTED = viewOf('shop-2', '2026-11-20T11:00:00.000Z');
const ENDED = viewOf('shop-2', '2026-11-20T11:00:00.000Z', { outcome: 'released', ending: 'the new one' });

describe('following a release that was just started', () => {
  const follow = async (views: ReleaseView[], releaseId?: string) => {
    const seen: string[] = [];
    const ended = await followRelease({
      api: answering(views),
      product: 'shop',
      ...(releaseId === undefined ? {} : { releaseId }),
      context: makeContext().context,
      onRecord: (record) => seen.push(record.releaseId),
      onNote: () => undefined,
    });
    return { ending: ended.ending, seen };
  };

  test('passes over the one before, which may still be shown, also in between', async () => {
    const { ending, seen } = await follow([BEFORE, BEFORE, STARTED, BEFORE, ENDED], 'shop-2');
    expect(ending).toBe('the new one');
    expect(seen).toEqual(['shop-2', 'shop-2']);
  });

  test('says so when what was started is never shown', async () => {
    await expect(follow([BEFORE], 'shop-2')).rejects.toThrow(
      'shop-2 was started, but shop-1 is what is shown.',
    );
  });

  test('without a name follows whatever is there', async () => {
    expect((await follow([BEFORE])).ending).toBe('the old one');
  });
});

describe('how following ends', () => {
  const watch = async (outcome: ReleaseRecord['outcome'], nothingExit?: number) => {
    const { context } = makeContext();
    const ended = viewOf('shop-1', '2026-11-20T10:00:00.000Z', {
      ...(outcome === undefined ? {} : { outcome }),
      ending: 'that was it',
    });
    const asked = nothingExit === undefined ? {} : { nothingExit };
    return await watchRelease({ api: answering([ended]), product: 'shop', context, ...asked });
  };

  test('nothing to release is a success, or has a code of its own', async () => {
    expect(await watch('nothing_to_release')).toBe(0);
    expect(await watch('nothing_to_release', 3)).toBe(3);
    expect(await watch('released', 3)).toBe(0);
    expect(await watch('rolled_back', 3)).toBe(1);
    expect(await watch('aborted')).toBe(1);
  });

  test.each(['x', '256', '-1', '1.5'])('refuses %s as a code, before anything is started', async (code) => {
    const { context } = makeContext();
    const words = [
      'shop',
      '--watch',
      `--nothing-exit=${code}`,
      '--api',
      'http://127.0.0.1:1',
      '--token-file',
      '/nowhere',
    ];
    await expect(runRelease(words, context)).rejects.toThrow('--nothing-exit is a number from 0 to 255');
    await expect(runWatch(['shop', `--nothing-exit=${code}`], context)).rejects.toThrow('from 0 to 255');
  });
});
