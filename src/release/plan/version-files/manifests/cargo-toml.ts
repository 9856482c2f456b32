import { spotAt, type VersionFormat } from '../format.ts';
import { readTomlStrings } from '../spans/toml.ts';

/** Rust: a package's own version, or the one that its workspace's members inherit. */
export const cargoToml: VersionFormat = {
  find: ({ text, packageNames = [] }) => {
    const strings = readTomlStrings(text);
    const [own, copy] = ['package', 'workspace.package'].flatMap((table) =>
      strings.filter((one) => one.table === table && one.key === 'version').slice(0, 1),
    );
    return [
      ...(own === undefined ? [] : [spotAt(text, own.span)]),
      ...(copy === undefined ? [] : [spotAt(text, copy.span, 'also', 'workspace.package.version')]),
      ...findPathDependencies(text, packageNames),
    ];
  },
  lacking: 'under [package] or [workspace.package]',
};

/** Requirements on members of the same workspace: `a = { path = "../a", version = "1.0.0" }`. */
function findPathDependencies(text: string, packageNames: readonly string[]) {
  const names = new Set(packageNames);
  return [...text.matchAll(/^[ \t]*"?([\w-]+)"?[ \t]*=[ \t]*\{([^}\n]*)\}/gm)].flatMap((match) => {
    const [whole, name = '', inner = ''] = match;
    const renamed = /\bpackage[ \t]*=[ \t]*"([^"]+)"/.exec(inner)?.[1];
    const version = /\bversion[ \t]*=[ \t]*"[=^~]?([^"]+)"/.exec(inner);
    if (!names.has(renamed ?? name) || !/\bpath[ \t]*=/.test(inner) || version === null) return [];
    const end = match.index + whole.indexOf(inner) + version.index + version[0].length - 1;
    return [
      spotAt(text, [end - (version[1] ?? '').length, end], 'also', `the requirement on ${renamed ?? name}`),
    ];
  });
}
