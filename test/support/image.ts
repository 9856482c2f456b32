import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import {
  chmod,
  chown,
  copyFile,
  cp,
  mkdir,
  mkdtemp,
  readFile,
  realpath,
  rename,
  rm,
  writeFile,
} from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findMachineNode, packPackage } from './installed-package.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MIRROR = 'http://deb.debian.org/debian';
const NODE_USER = 1000;

const isHere = (program: string) => spawnSync(program, ['--version']).status === 0;

/** Images are built and run here without an engine: by buildah in a chroot, which needs root. */
export const imagesCanBeBuilt = process.getuid?.() === 0 && isHere('buildah') && isHere('debootstrap');

/** Windlass's image, built from the Dockerfile of this checkout and its package, unpacked into a folder. */
export interface BuiltImage {
  /** The image's root file system. */
  rootfs: string;
  /** In bytes, of what this image adds to its base. */
  added: number;
  config: { User?: string; Entrypoint?: string[]; Cmd?: string[]; Env?: string[] };
  /** Runs a command in it as its user, on a read-only root; `files` is what is mounted at /etc/windlass. */
  run(command: string[], files?: string): { code: number | null; out: string; err: string };
  /** The same, in the background. */
  start(command: string[], files: string): ChildProcess;
  remove(): Promise<void>;
}

/** Builds it on a base that has nothing but Debian's own packages and this checkout's Node, under the name in `FROM`. */
export async function buildImage(): Promise<BuiltImage> {
  const root = await mkdtemp(join(tmpdir(), 'windlass-image-'));
  const buildah = (...args: string[]) => {
    const storage = [
      '--storage-driver',
      'vfs',
      '--root',
      join(root, 'storage'),
      '--runroot',
      join(root, 'run'),
    ];
    return execFileSync('buildah', [...storage, ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      maxBuffer: 64 * 1024 * 1024,
      env: { ...process.env, BUILDAH_ISOLATION: 'chroot' },
    }).trim();
  };
  const dockerfile = await readFile(join(ROOT, 'Dockerfile'), 'utf8');
  const base = /^ARG NODE_IMAGE=(\S+)$/m.exec(dockerfile)?.[1] ?? '';
  const folder = await makeBase();
  const scratch = buildah('from', 'scratch');
  buildah('copy', '--quiet', scratch, folder, '/');
  // What this machine trusts, where it stands behind a proxy of its own.
  const trusted = process.env['NODE_EXTRA_CA_CERTS'];
  if (trusted !== undefined) {
    buildah('copy', '--quiet', scratch, trusted, '/etc/ssl/extra.pem');
    buildah('config', '--env', 'NODE_EXTRA_CA_CERTS=/etc/ssl/extra.pem', scratch);
  }
  buildah('commit', '--quiet', '--rm', scratch, `localhost/${base}`);

  const context = join(root, 'context');
  await mkdir(context);
  packPackage(context);
  for (const name of ['Dockerfile', '.dockerignore', 'package.json', 'package-lock.json', '.npmrc']) {
    await copyFile(join(ROOT, name), join(context, name));
  }
  buildah('bud', '--pull-never', '--layers=false', '--tag', 'localhost/windlass:test', context);
  const container = buildah('from', '--pull-never', 'localhost/windlass:test');
  const rootfs = buildah('mount', container);
  const inspected = JSON.parse(buildah('inspect', '--type', 'image', 'localhost/windlass:test'));
  const work = join(root, 'work');
  await mkdir(work);
  for (const name of ['store', 'work']) {
    await mkdir(join(work, name));
    await chown(join(work, name), NODE_USER, NODE_USER);
  }
  const enter = (command: string[], files: string) => [
    '--mount',
    '--pid',
    '--fork',
    '--kill-child',
    'sh',
    '-euc',
    ENTER,
    'enter',
    rootfs,
    work,
    files,
    ...command,
  ];
  return {
    rootfs,
    added: sizeOf(rootfs) - sizeOf(folder),
    config: inspected.OCIv1.config,
    run: (command, files = root) => {
      const ran = spawnSync('unshare', enter(command, files), { encoding: 'utf8', env: {} });
      return { code: ran.status, out: ran.stdout, err: ran.stderr };
    },
    start: (command, files) =>
      spawn('unshare', enter(command, files), { env: {}, stdio: ['ignore', 'pipe', 'pipe'] }),
    remove: async () => {
      buildah('rm', '--all');
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** In a mount namespace of its own: the root read-only, as the compose file and the chart run it. */
const ENTER = `
root=$1 work=$2 files=$3; shift 3
mount --make-rprivate /
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mkdir -p "$root/etc/windlass"
for device in null zero random urandom; do
  [ -e "$root/dev/$device" ] || : >"$root/dev/$device"
  mount --bind /dev/$device "$root/dev/$device"
done
mount --bind "$files" "$root/etc/windlass"
mount --bind "$work" "$root/var/lib/windlass"
mount -o remount,bind,ro "$root"
exec chroot --userspec=${NODE_USER}:${NODE_USER} "$root" /usr/bin/env -i \\
  PATH=/usr/local/bin:/usr/bin:/bin NODE_ENV=production HOME=/var/lib/windlass/work \\
  WINDLASS_CONFIG=/etc/windlass/windlass.yaml "$@"
`;

/** Debian's packages, Node and npm, and the user \`node\`: what the official image has. Kept for the next run. */
async function makeBase(): Promise<string> {
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'windlass');
  const node = join(ROOT, 'node_modules', 'node', 'bin', 'node');
  const version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
  const place = join(cache, `image-base-bookworm-${version}`);
  if (existsSync(place)) return place;
  await mkdir(cache, { recursive: true });
  const fresh = await mkdtemp(`${place}-`);
  execFileSync('debootstrap', ['--variant=minbase', 'bookworm', fresh, MIRROR], { stdio: 'pipe' });
  const usr = join(fresh, 'usr', 'local');
  await copyFile(node, join(usr, 'bin', 'node'));
  await chmod(join(usr, 'bin', 'node'), 0o755);
  // This machine's own npm: `…/npm/bin/npm-cli.js` is what its command leads to.
  const npmFolder = dirname(dirname(await realpath(join(dirname(findMachineNode()), 'npm'))));
  await cp(npmFolder, join(usr, 'lib', 'node_modules', 'npm'), {
    recursive: true,
    dereference: true,
  });
  const npm = '#!/bin/sh\nexec node /usr/local/lib/node_modules/npm/bin/npm-cli.js "$@"\n';
  await writeFile(join(usr, 'bin', 'npm'), npm, { mode: 0o755 });
  execFileSync('chroot', [fresh, 'useradd', '--uid', String(NODE_USER), '--create-home', 'node']);
  await chmod(fresh, 0o755);
  await rename(fresh, place);
  return place;
}

function sizeOf(folder: string): number {
  const told = execFileSync('du', ['--bytes', '--summarize', folder], { encoding: 'utf8' });
  return Number(told.split('\t')[0]);
}
