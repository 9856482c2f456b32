import { describe, expect, it, onTestFinished } from 'vitest';
import { splitCommand } from '../../src/config/schema/split-command.ts';
import { openRoleRig } from '../support/fixture/role-rig.ts';
import { change, loadGood, mistakesOf } from './support/config-file.ts';

const read = (script: unknown) => {
  const text = change((_, shop) => {
    shop.scripts.e2e = script;
  });
  return loadGood(text).products['shop']!.scripts.e2e;
};
const refused = (script: unknown) =>
  mistakesOf((_, shop) => {
    shop.scripts.e2e = script;
  });

describe('a command', () => {
  it.each([
    ['npm test', ['npm', 'test']],
    ['ops/test', ['ops/test']],
    ['  pnpm  --filter "./packages/a b"   run test ', ['pnpm', '--filter', './packages/a b', 'run', 'test']],
    [`./gradlew -Pmsg='it is "so"' check`, ['./gradlew', '-Pmsg=it is "so"', 'check']],
    ['make a\\ b', ['make', 'a b']],
    ['go test ./...', ['go', 'test', './...']],
    ['npm run x -- ""', ['npm', 'run', 'x', '--', '']],
    ['cargo test "--features=a,b" \'$HOME\'', ['cargo', 'test', '--features=a,b', '$HOME']],
    ['echo "a\\"b\\n"', ['echo', 'a"b\\n']],
  ])('is taken apart without a shell: %s', (line, words) => {
    expect(splitCommand(line)).toEqual({ words });
  });

  it.each([
    'npm test && npm run e2e',
    'cat x | sh',
    'echo $HOME',
    'echo "$(id)"',
    'rm *',
    'a > b',
    "it's",
    'a \\',
    '',
    '  ',
    'CI=1 npm test',
    'a\nb',
    '~/x',
    'a; b',
    'x `id`',
  ])('is none with what only a shell understands: %s', (line) => {
    expect(splitCommand(line)).toHaveProperty('problem');
  });

  it('may stand wherever a script may', () => {
    expect(read('npm run e2e')).toEqual({ run: ['npm', 'run', 'e2e'], timeoutMs: 30 * 60_000 });
    expect(read({ run: 'npm run e2e', timeout: '1m' })).toEqual({
      run: ['npm', 'run', 'e2e'],
      timeoutMs: 60_000,
    });
    expect(read(['npm', 'run', '$HOME'])).toMatchObject({ run: ['npm', 'run', '$HOME'] });
    expect(read({ run: 'npm ci\nnpm test | tee log', shell: true })).toMatchObject({
      run: ['npm ci\nnpm test | tee log'],
      shell: true,
    });
  });

  it.each([
    ['npm test | tee log', /e2e: .*\| means something to a shell only.*shell: true/],
    [{ run: 'npm test && x' }, /e2e\.run: .*& means something to a shell/],
    [{ run: ['ops/test'], shell: true }, /e2e\.run: a text for the shell/],
    [{ run: ' ', shell: true }, /e2e\.run: a text for the shell/],
    ['/bin/sh -c id', /e2e: .*relative path/],
    ['../x y', /e2e: .*relative path/],
    ['-c x', /e2e: .*relative path/],
    [7, /e2e: a command such as ops\/test or npm test/],
  ])('is refused with the reason: %j', (script, why) => {
    expect(refused(script)).toEqual([expect.stringMatching(why)]);
  });
});

describe('a command in a release', () => {
  const build = async (script: unknown, files: Record<string, string> = {}) => {
    const rig = await openRoleRig({ scripts: { test: 'npm test', build: script }, version_files: [] });
    onTestFinished(rig.close);
    await rig.commit('feat: begin', { 'a b/data.txt': 'content', ...files }, 'v1.0.0');
    await rig.commit('fix: more');
    const plan = await rig.plan();
    const made = await rig.release.commitRelease({ plan });
    const { releaseId } = rig.request;
    const about = { product: 'lib', releaseId, version: plan.version, plannedAt: plan.plannedAt };
    const built = await rig.devops.buildRelease({ ...about, ...made });
    return (await rig.store.read(built.artifact!)).toString();
  };

  it('runs a program of the machine, with the worker’s Node first', async () => {
    const write = `const fs = require('fs'); fs.copyFileSync('a b/data.txt', 'out'); fs.writeFileSync(process.env.WINDLASS_OUTPUT, '{"artifact":"out"}')`;
    expect(await build(`node -e "${write.replaceAll('"', '\\"')}"`)).toBe('content');
  });

  it('runs a text of several lines by a shell that stops at the first failure', async () => {
    const text = `tr a-z A-Z < 'a b/data.txt' > out && printf '{"artifact":"out"}' > "$WINDLASS_OUTPUT"`;
    expect(await build({ run: text, shell: true })).toBe('CONTENT');
    await expect(build({ run: `false\n${text}`, shell: true })).rejects.toThrow(
      /build \(false…\) ended with 1/,
    );
  });

  it('prefers a file of the commit to a program of the machine', async () => {
    const own = '#!/bin/sh\nprintf mine > out\nprintf \'{"artifact":"out"}\' > "$WINDLASS_OUTPUT"\n';
    expect(await build('tar x', { tar: own })).toBe('mine');
  });

  it('says so where there is neither', async () => {
    await expect(build('no-such-program x')).rejects.toThrow(
      /does not exist in the release commit, and this machine has no program of that name/,
    );
  });
});
