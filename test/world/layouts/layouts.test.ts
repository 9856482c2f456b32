import { describe, expect, it } from 'vitest';
import { JAVASCRIPT } from './javascript.ts';
import { releaseLayout } from './layout.ts';
import { OTHERS } from './others.ts';
import { SYSTEMS } from './systems.ts';

const LAYOUTS = [...JAVASCRIPT, ...SYSTEMS, ...OTHERS];

describe('a public project’s layout', () => {
  it.each(LAYOUTS.map((layout) => [layout.name, layout] as const))(
    'is planned, committed, built, merged and tagged: %s',
    async (_, layout) => {
      const { expected } = layout;
      const { rig, plan, read, artifact } = await releaseLayout(layout);
      expect([plan.version, plan.tag]).toEqual([expected.version, expected.tag]);
      for (const [path, text] of Object.entries(expected.files)) {
        if (typeof text === 'string') expect.soft(read(path)).toBe(text);
        else expect.soft(read(path)).toMatch(text);
      }
      const changelog = read(expected.changelog ?? 'CHANGELOG.md');
      expect.soft(changelog).toContain(expected.changes);
      if (expected.not !== undefined) expect.soft(changelog).not.toContain(expected.not);
      if (expected.artifact !== undefined) expect.soft(artifact.toString()).toMatch(expected.artifact);

      // The release is over: nothing of it calls for another one.
      const again = await rig.release.checkReadiness({ request: rig.request });
      expect(again).toMatchObject({ previousVersion: expected.version, blockers: [] });
      expect(again.nothingToRelease).toContain(`no change since ${expected.tag}`);
    },
  );
});
