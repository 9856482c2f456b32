import { spotAt, type VersionFormat } from '../format.ts';
import { readTomlStrings } from '../spans/toml.ts';

const OWN = ['project', 'tool.poetry'];
/** Tools that keep a copy of the version for themselves. */
const COPIES = new Map([
  ['tool.commitizen', 'version'],
  ['tool.bumpversion', 'current_version'],
  ['tool.bumpver', 'current_version'],
  ['tool.tbump.version', 'current'],
  ['tool.poetry', 'version'],
]);

/** Python. Its own notation is PEP 440's: `1.3.0rc1` is what semantic versioning calls `1.3.0-rc.1`. */
export const pyproject: VersionFormat = {
  find: ({ text }) => {
    const strings = readTomlStrings(text);
    const versions = OWN.flatMap((table) =>
      strings.filter((one) => one.table === table && one.key === 'version').slice(0, 1),
    );
    const [own] = versions;
    if (own === undefined) return [];
    const copies = strings.filter((one) => one !== own && COPIES.get(one.table) === one.key);
    return [
      spotAt(text, own.span),
      ...copies.map(({ span, table, key }) => spotAt(text, span, 'also', `${key} of [${table}]`)),
    ];
  },
  lacking: 'under [project] or [tool.poetry] (a dynamic version is set elsewhere)',
  write: writePython,
  read: readPython,
};

const KINDS = new Map([
  ['alpha', 'a'],
  ['a', 'a'],
  ['beta', 'b'],
  ['b', 'b'],
  ['rc', 'rc'],
  ['c', 'rc'],
  ['pre', 'rc'],
  ['preview', 'rc'],
  ['dev', '.dev'],
]);

/** A semantic version as PEP 440 writes it; channels that Python does not know stay as they are. */
export function writePython(version: string): string {
  const found = /^(\d+\.\d+\.\d+)-([A-Za-z]+)[.-]?(\d*)$/.exec(version);
  const kind = KINDS.get(found?.[2]?.toLowerCase() ?? '');
  return found === null || kind === undefined ? version : `${found[1]}${kind}${found[3] || '0'}`;
}

/** PEP 440's notation as a semantic version: `1.3.0rc1` as `1.3.0-rc.1`, `1.3.0.dev2` as `1.3.0-dev.2`. */
export function readPython(stated: string): string {
  const found = /^(\d+)(?:\.(\d+))?(?:\.(\d+))?[._-]?(a|alpha|b|beta|rc|c|pre|preview|dev)[._-]?(\d+)$/i.exec(
    stated,
  );
  if (found === null) return stated;
  const kind = (found[4] ?? '').toLowerCase();
  const channel = kind === 'a' ? 'alpha' : kind === 'b' ? 'beta' : kind === 'c' ? 'rc' : kind;
  return `${found[1]}.${found[2] ?? 0}.${found[3] ?? 0}-${channel}.${found[5]}`;
}
