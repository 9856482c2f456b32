/**
 * Completes package-lock.json after an `npm install` against a registry mirror that lacks the binaries of other
 * platforms: npm then leaves them out of the lock file without a word, and `npm ci` refuses such a file. Each
 * missing optional dependency gets its entry, with platform and version but without an integrity that nobody
 * could know. Usage: node scripts/complete-lock.mjs [package-lock.json]
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const OPERATING_SYSTEMS = [
  'aix',
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'win32',
];
const PROCESSORS = ['arm', 'arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'x64'];
const SYNONYMS = { ppc64le: 'ppc64' };

const file = process.argv[2] ?? fileURLToPath(new URL('../package-lock.json', import.meta.url));
const lock = JSON.parse(readFileSync(file, 'utf8'));
const added = addMissing(lock.packages);
if (added.length > 0) {
  lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(file, `${JSON.stringify(lock, undefined, 2)}\n`);
}
console.log(added.length === 0 ? `${file} is complete.` : `Added to ${file}:\n  ${added.join('\n  ')}`);

function addMissing(packages) {
  const added = [];
  for (const [path, entry] of Object.entries(packages)) {
    for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
      if (isReachable(packages, path, name)) continue;
      const place = `node_modules/${name}`;
      packages[place] = describe(name, range, entry);
      added.push(`${name}@${packages[place].version}`);
    }
  }
  return added;
}

/** Whether Node's own search finds the package from the folder of the one that wants it. */
function isReachable(packages, path, name) {
  for (let folder = path; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('node_modules/') - 1))) {
    if (packages[`${folder === '' ? '' : `${folder}/`}node_modules/${name}`] !== undefined) return true;
    if (folder === '') return false;
  }
}

function describe(name, range, parent) {
  const words = name.split(/[@/_-]/).map((word) => SYNONYMS[word] ?? word);
  const pick = (known) => words.filter((word) => known.includes(word)).slice(-1);
  const [os, cpu] = [pick(OPERATING_SYSTEMS), pick(PROCESSORS)];
  const libc = words.includes('musl') ? ['musl'] : words.includes('gnu') ? ['glibc'] : [];
  return {
    version: range.replace(/^[^\d]*/, ''),
    // The only well-known one whose name does not say where it belongs.
    ...(name === 'fsevents' ? { os: ['darwin'] } : {}),
    ...(cpu.length > 0 ? { cpu } : {}),
    ...(parent.dev ? { dev: true } : {}),
    ...(libc.length > 0 ? { libc } : {}),
    optional: true,
    ...(os.length > 0 ? { os } : {}),
  };
}
