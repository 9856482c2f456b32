import { expect, it, onTestFinished } from 'vitest';
import type { ActivityDeps } from '../../src/activities/deps.ts';
import { createDevopsActivities } from '../../src/activities/devops/index.ts';
import { createQaActivities } from '../../src/activities/qa/index.ts';
import { probeIsolation } from '../../src/integrations/process/isolate-script.ts';
import { openRoleRig } from '../support/fixture/role-rig.ts';

const isolation = await probeIsolation();
if ('problem' in isolation) console.warn(`SKIPPED: scripts cannot be kept apart here: ${isolation.problem}`);

const TOKEN = 'npm_0123456789abcdef';
/** Looks everywhere for what is none of its business, and says what it saw; the words of its search are not found. */
const THIEF = `#!/bin/sh
seen=$(grep -rslE '${TOKEN.slice(0, -1)}[f]|BEGIN PRIVATE KE[Y]' "$ROOT/secrets" "$ROOT/store" "$ROOT/work" 2>/dev/null | sort | tr '\\n' ' ')
printf '{"summary":"saw: %s; others: %s","artifact":"package.json"}' "$seen" "$(ls "$ROOT/store" | wc -l)" > "$WINDLASS_OUTPUT"
`;

it.skipIf('problem' in isolation)(
  'a hostile build and a hostile test find no key, no token and nothing of the store',
  async () => {
    const variables = { ROOT: '' };
    const rig = await openRoleRig({ variables }, { npm_token: TOKEN });
    onTestFinished(rig.close);
    Object.assign(rig.settings.variables, { ROOT: rig.root });
    const files = {
      'ops/test': THIEF,
      'ops/build': THIEF,
      'package.json': '{"name":"lib","version":"1.0.0"}',
    };
    await rig.commit('feat: begin', files, 'v1.0.0');
    await rig.commit('fix: steal');
    const planned = await rig.plan();
    const { commit, bundle } = await rig.release.commitRelease({ plan: planned });
    const { version, plannedAt } = planned;
    const acting = { product: 'lib', releaseId: rig.request.releaseId, version, plannedAt, commit, bundle };
    const saw = async (deps: (role: 'qa' | 'devops') => ActivityDeps) => {
      const built = await createDevopsActivities(deps('devops')).buildRelease(acting);
      const gate = { gate: 'tests', loadProfile: 'baseline', advisory: false } as const;
      const { artifact } = built;
      return await createQaActivities(deps('qa')).runGate({
        ...acting,
        ...gate,
        ...(artifact ? { artifact } : {}),
      });
    };
    const open = await saw(rig.deps);
    expect(open.summary, 'the attack works where nothing keeps it apart').toMatch(
      /saw: \S*npm_token \S*signing_key/,
    );
    const apart = await saw((role) => ({ ...rig.deps(role), isolation }));
    expect(apart.summary).toMatch(/^saw: ; others: 0\b/);
  },
);

it('where it must be and cannot, nothing is built, and that is said', async () => {
  const rig = await openRoleRig();
  onTestFinished(rig.close);
  rig.installation.workers.isolateScripts = 'always';
  const files = {
    'ops/build': '#!/bin/sh\ntouch built\n',
    'ops/test': '#!/bin/sh\n',
    'package.json': '{"version":"1.0.0"}',
  };
  await rig.commit('feat: begin', files, 'v1.0.0');
  await rig.commit('fix: mend');
  const planned = await rig.plan();
  const made = await rig.release.commitRelease({ plan: planned });
  const { version, plannedAt } = planned;
  const deps = { ...rig.deps('devops'), isolation: { problem: 'bubblewrap (bwrap) is not installed' } };
  const acting = { product: 'lib', releaseId: rig.request.releaseId, version, plannedAt };
  await expect(createDevopsActivities(deps).buildRelease({ ...acting, ...made })).rejects.toMatchObject({
    type: 'Mistake',
    message: expect.stringContaining('build cannot be kept apart'),
    details: [{ changed: 'nothing: it was not started' }],
  });
});
