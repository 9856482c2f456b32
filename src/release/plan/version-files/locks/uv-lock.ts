import { spotAt, type VersionFormat } from '../format.ts';
import { readPython, writePython } from '../manifests/pyproject.ts';
import { readTomlStrings } from '../spans/toml.ts';

/** uv's lock file: the package whose source is a folder of the repository. */
export const uvLock: VersionFormat = {
  find: ({ text, packageNames = [] }) => {
    const wanted = new Set(packageNames.map(normalise));
    const strings = readTomlStrings(text).filter(({ table, entry }) => table === 'package' && entry >= 0);
    const sources = [...text.matchAll(/^\[\[package\]\]\r?\n(?:(?!\[)[^\n]*\n?)*/gm)].map(([block]) =>
      /^source = \{ (?:editable|virtual|directory|workspace) /m.test(block),
    );
    return strings
      .filter(({ key, value }) => key === 'name' && wanted.has(normalise(value)))
      .filter(({ entry }) => sources[entry] === true)
      .flatMap(({ entry }) =>
        strings.filter((one) => one.entry === entry && one.key === 'version').slice(0, 1),
      )
      .map(({ span }) => spotAt(text, span, 'derived'));
  },
  lacking: 'for the package of this repository',
  write: writePython,
  read: readPython,
};

/** Names of Python packages are compared without case and kind of dash (PEP 503). */
function normalise(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, '-');
}
