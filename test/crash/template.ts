import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { packCommit } from '../../src/integrations/git/bundle.ts';
import { createCommit } from '../../src/integrations/git/create-commit.ts';
import { fetchMirror, openMirror } from '../../src/integrations/git/mirror/mirror.ts';
import { pushRef } from '../../src/integrations/git/remote.ts';

const run = promisify(execFile);

export const PLANNED_AT = '2026-11-21T09:00:00.000Z';
export const RELEASE_ID = 'crash-20261121-000001';
export const VERSION = '1.1.0';
export const TAG = `v${VERSION}`;
export const BRANCH = `release/crash/v${VERSION}`;

/** The little product's history, made once; every run gets copies, so that equal effects have equal ids. */
export interface Template {
  /** main only. */
  plain: string;
  /** main, and the release branch pushed. */
  branched: string;
  base: string;
  commit: string;
  bundle: Buffer;
}

/** Does what it is called for without looking whether it was done: doing it once is Windlass's work here. */
const ACT = `#!/bin/sh
set -eu
# Whoever wants to meet this script in its middle says so beforehand, and lets it go on.
if [ -e "$LEDGER/stop-in-the-middle" ]; then
  touch "$LEDGER/in-$1"
  while [ ! -e "$LEDGER/go-$1" ]; do sleep 0.1; done
fi
case $1 in
  test | e2e | verify | smoke) exit 0 ;;
  container)
    cp -r "$IMAGE" image
    printf '{"image_layout":"image"}' > "$WINDLASS_OUTPUT"
    exit 0
    ;;
esac
printf '%s %s\\n' "$1" "$WINDLASS_EFFECT_KEY" >> "$LEDGER/ledger"
printf '{"slot":"green","backup":"b1"}' > "$WINDLASS_OUTPUT"
`;

/** A registry in a folder, by a program that looks at nothing before it acts: each upload and each move is a line. */
export const REGISTRY = `#!/usr/bin/env node
const fs = require('node:fs');
const { createHash } = require('node:crypto');
const asked = JSON.parse(fs.readFileSync(process.env.WINDLASS_INPUT, 'utf8'));
const root = process.env.LEDGER + '/registry';
const at = (version) => root + '/' + version;
const acts = root + '/acts.jsonl';
fs.mkdirSync(root, { recursive: true });
const note = (what) => fs.appendFileSync(acts, JSON.stringify(what) + '\\n');
const read = (file, otherwise) => (fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : otherwise);
const answer = (what) => fs.writeFileSync(process.env.WINDLASS_OUTPUT, JSON.stringify(what));
const { verb, version } = asked;
if (verb === 'find') {
  if (!fs.existsSync(at(version))) answer({ found: false });
  else {
    const files = fs.readdirSync(at(version)).map((name) => ({
      name, digest: 'sha256:' + createHash('sha256').update(fs.readFileSync(at(version) + '/' + name)).digest('hex'),
    }));
    answer({ found: true, files, channels: read(root + '/channels.json', {}), withdrawn: fs.existsSync(root + '/' + version + '.withdrawn') });
  }
} else if (verb === 'publish') {
  fs.mkdirSync(at(version), { recursive: true });
  for (const { name, path } of asked.files) {
    fs.copyFileSync(path, at(version) + '/' + name);
    note({ verb, version, name });
  }
} else if (verb === 'promote') {
  fs.writeFileSync(root + '/channels.json', JSON.stringify({ ...read(root + '/channels.json', {}), [asked.channel]: version }));
  note({ verb, version, channel: asked.channel });
} else if (verb === 'withdraw') {
  fs.writeFileSync(root + '/' + version + '.withdrawn', asked.message);
  note({ verb, version });
} else if (verb === 'fetch') {
  const files = fs.readdirSync(at(version));
  for (const name of files) fs.copyFileSync(at(version) + '/' + name, asked.folder + '/' + name);
  answer({ files });
}
`;

const PACKAGE = '{\n  "name": "@crash/crash",\n  "version": "VERSION"\n}\n';

const STATUS = `#!/bin/sh
set -eu
touch "$LEDGER/ledger"
if grep -q " $WINDLASS_EFFECT_KEY\\$" "$LEDGER/ledger"; then done=true; else done=false; fi
printf '{"version":"1.0.0","effects":{"%s":{"done":%s,"output":{"slot":"green","backup":"b1"}}}}' \\
  "$WINDLASS_EFFECT_KEY" "$done" > "$WINDLASS_OUTPUT"
`;

const STATE = `# Who edits this by hand, please keep the order.
products:
  other: # not ours
    phase: development
    version: "0.3.1"
  crash:
    phase: production
    version: "1.0.0" # the first
    tasks:
      - prepare the release
      - repaint the bike shed
`;

export async function makeTemplate(folder: string): Promise<Template> {
  const work = join(folder, 'work');
  const files: Record<string, string> = {
    'package.json': PACKAGE.replace('VERSION', '1.0.0'),
    'CHANGELOG.md': '# Changelog\n',
    'state.yml': STATE,
    'release-status.yaml': '# newest first\nreleases:\n  - version: "1.0.0"\n    status: deployed\n',
    'ops/act': ACT,
    'ops/status': STATUS,
    'ops/registry': REGISTRY,
  };
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(work, path)), { recursive: true });
    await writeFile(join(work, path), text, { mode: path.startsWith('ops/') ? 0o755 : 0o644 });
  }
  const git = async (...args: string[]) => {
    const env = {
      PATH: process.env['PATH'],
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_AUTHOR_DATE: '1766000000 +0000',
      GIT_COMMITTER_DATE: '1766000000 +0000',
      GIT_AUTHOR_NAME: 'Mira',
      GIT_AUTHOR_EMAIL: 'mira@example.invalid',
      GIT_COMMITTER_NAME: 'Mira',
      GIT_COMMITTER_EMAIL: 'mira@example.invalid',
    };
    return (await run('git', args, { cwd: work, env })).stdout.trim();
  };
  await git('init', '--quiet', '--initial-branch=main');
  await git('add', '.');
  await git('commit', '--quiet', '-m', 'feat: the product');
  const plain = join(folder, 'plain.git');
  await git('clone', '--quiet', '--bare', '.', plain);
  const base = await git('rev-parse', 'HEAD');

  const branched = join(folder, 'branched.git');
  await copyFolder(plain, branched);
  const mirror = await openMirror({ url: branched, folder: join(folder, 'mirror') });
  await fetchMirror(mirror);
  const commit = await createCommit(mirror, {
    parents: [base],
    changes: [{ path: 'package.json', contents: PACKAGE.replace('VERSION', VERSION) }],
    message: `chore(release): ${VERSION}\n\nRelease-Id: ${RELEASE_ID}\n`,
    author: { name: 'Windlass', email: 'windlass@localhost' },
    date: PLANNED_AT,
  });
  const bundle = Buffer.from(await packCommit(mirror, commit, base));
  await pushRef(mirror, { ref: `refs/heads/${BRANCH}`, sha: commit, expected: null });
  return { plain, branched, base, commit, bundle };
}

export async function copyFolder(from: string, to: string): Promise<void> {
  await run('cp', ['-r', from, to]);
}
