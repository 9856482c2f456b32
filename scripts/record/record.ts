/**
 * `npm run record`: the recording in the README, made anew. A real shell in a real pseudo-terminal runs the first
 * commands of the README in a little repository of its own; what the terminal showed, and when, becomes an SVG.
 *
 * Needs git and util-linux's `script`. Nothing is sent anywhere; the repository and its keys are gone afterwards.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { drawRecording } from './draw-recording.ts';
import { recordSession } from './record-session.ts';
import { showScreens } from './show-screens.ts';

/** As the README names them. */
const COMMANDS = ['windlass plan', 'windlass init', 'windlass config check'];
const SIZE = { columns: 108, rows: 32 };

const checkout = fileURLToPath(new URL('../..', import.meta.url));
const target = join(checkout, 'docs', 'images', 'first-steps.svg');
const root = mkdtempSync(join(tmpdir(), 'windlass-record-'));
try {
  const folder = makeRepository(join(root, 'shop'));
  const programs = join(root, 'bin');
  mkdirSync(programs);
  const program = join(programs, 'windlass');
  writeFileSync(program, `#!/bin/sh\nexec "${join(checkout, 'bin', 'windlass')}" "$@"\n`);
  chmodSync(program, 0o755);
  const environment = {
    PATH: `${programs}:${process.env['PATH'] ?? ''}`,
    HOME: root,
    TERM: 'xterm-256color',
    LANG: 'C.UTF-8',
  };
  const moments = await recordSession({ folder, environment, commands: COMMANDS, size: SIZE });
  const screens = await showScreens(moments, SIZE);
  const title = `A terminal: ${COMMANDS.join(', ')}`;
  writeFileSync(target, drawRecording(screens, { ...SIZE, title }));
  console.log(`Wrote ${target}: ${screens.length} screens.`);
} finally {
  rmSync(root, { recursive: true, force: true });
}

/** A package with two releases behind it, and work since the last. */
function makeRepository(folder: string): string {
  mkdirSync(folder);
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.invalid', ...args], {
      cwd: folder,
      env: { PATH: process.env['PATH'], HOME: root, GIT_CONFIG_NOSYSTEM: '1' },
    });
  git('init', '--quiet', '--initial-branch=main');
  git('config', 'user.name', 'Ada');
  git('remote', 'add', 'origin', 'https://github.com/acme/shop.git');
  const manifest = { name: 'shop', version: '1.2.0', scripts: { test: 'node --test' } };
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
  writeFileSync(join(folder, 'package-lock.json'), '{"lockfileVersion": 3}\n');
  git('add', '.');
  const commit = (message: string) => git('commit', '--quiet', '--allow-empty', '--message', message);
  commit('feat: a cart');
  git('tag', 'v1.1.0');
  commit('feat(cart): remember it for a week');
  git('tag', 'v1.2.0');
  commit('fix(cart): keep the cart when the session ends (#41)');
  commit('feat(search): find products by colour (#43)');
  commit('docs: how to run it');
  commit('fix(price): round half a cent up (#44)');
  return folder;
}
