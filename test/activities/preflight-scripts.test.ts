import { expect, it, onTestFinished } from 'vitest';
import { openTip } from '../../src/activities/preflight/look.ts';
import { lookAtScripts } from '../../src/activities/preflight/look-at-scripts.ts';
import { openRoleRig } from '../support/fixture/role-rig.ts';

it('preflight finds what a run would find: files, programs of the machine, and texts for a shell', async () => {
  const rig = await openRoleRig({
    scripts: { test: 'ops/test', build: 'npm run build' },
    gates: {
      lint: { script: { run: 'test -e package.json && echo there', shell: true } },
      audit: { script: 'no-such-program --deep' },
      style: { script: 'ops/style' },
    },
  });
  onTestFinished(rig.close);
  await rig.commit('feat: begin', {
    'package.json': '{"name":"lib","version":"1.0.0"}\n',
    'ops/test': '#!/usr/bin/env node\n',
    'ops/style': '#!/usr/bin/env no-such-interpreter\n',
  });
  const look = async (role: 'qa' | 'devops') => {
    const deps = rig.deps(role);
    const at = { deps, product: rig.settings, now: new Date(), tip: openTip(deps, rig.settings) };
    return (await lookAtScripts(at)).map(({ subject, state, found }) => `${state} ${subject}: ${found}`);
  };
  expect(await look('devops')).toEqual(['ok script npm (build): there, and executable']);
  expect((await look('qa')).sort()).toEqual([
    'ok script ops/test (gate tests): there, and executable',
    'ok script test -e package.json && echo there (gate lint): there, and executable',
    'problem script no-such-program (gate audit): The script "no-such-program" does not exist in the release commit, and this machine has no program of that name',
    "problem script ops/style (gate style): it is run by no-such-interpreter, which is not on this worker's machine",
  ]);
});
