import { describe, expect, it } from 'vitest';
import { makeReleaseId, readReleaseId } from '../../src/release/record/release-id.ts';

describe('ids of releases', () => {
  it('hold the product, whatever it is called, and the day', () => {
    for (const product of ['shop', 'shop-20261120-abc', 'a-1']) {
      const id = makeReleaseId(product, '2026-11-27T23:59:59.000Z', '3fa9c1');
      expect(readReleaseId(id)).toEqual({ product, day: '20261127' });
    }
  });

  it('are no other texts', () => {
    for (const text of ['', 'shop', 'shop-2026-abc', '-20261127-abc', 'shop-20261127-', 'shop-20261127-ABC'])
      expect(readReleaseId(text), text).toBeUndefined();
  });
});
