import { expect, it, onTestFinished } from 'vitest';
import { readTip } from '../../src/activities/preflight/look.ts';
import { lookAtScripts } from '../../src/activities/preflight/look-at-scripts.ts';
import { nameNext } from '../../src/activities/preflight/name-next.ts';
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
    const tip = () => readTip(deps, rig.settings);
    const at = { deps, product: rig.settings, now: new Date(), tip, next: () => Promise.reject() };
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

it('preflight asks about the branch that the release will make, by the product’s own template', async () => {
  const rig = await openRoleRig({ git: { branch: 'ship/{product}-{version}' } });
  onTestFinished(rig.close);
  await rig.commit('feat: begin', { 'package.json': '{"name":"lib","version":"1.0.0"}\n' }, 'v1.0.0');
  await rig.commit('feat: more', { 'MORE.md': 'more\n' });
  const at = { product: rig.settings, now: new Date() };
  expect(await nameNext(at, await readTip(rig.deps('release'), rig.settings))).toEqual({
    main: 'main',
    branch: 'ship/lib-1.1.0',
    tag: 'v1.1.0',
  });
});
