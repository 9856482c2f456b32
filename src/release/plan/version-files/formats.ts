/**
 * Every kind of version file that needs no pattern. One more is a file of its own and a line here; it is loaded only
 * where there is such a file, so that `windlass plan` starts quickly however many kinds there are.
 */
import { VersionFileError, type VersionFormat } from './format.ts';

interface VersionFileKind {
  /** Names (without folder) of such files. */
  names: RegExp;
  /** Whether one in the product's folder is its version file without anybody saying so. */
  found: boolean;
  load(): Promise<VersionFormat>;
}

const manifest = (names: RegExp, load: VersionFileKind['load']) => ({ names, found: true, load });
const lock = (names: RegExp, load: VersionFileKind['load']) => ({ names, found: false, load });

const KINDS: readonly VersionFileKind[] = [
  manifest(/^package\.json$/, async () => (await import('./manifests/package-json.ts')).packageJson),
  lock(
    /^(?:package-lock|npm-shrinkwrap)\.json$/,
    async () => (await import('./locks/package-lock.ts')).packageLock,
  ),
  lock(/^bun\.lock$/, async () => (await import('./locks/bun-lock.ts')).bunLock),
  manifest(/^pyproject\.toml$/, async () => (await import('./manifests/pyproject.ts')).pyproject),
  lock(/^uv\.lock$/, async () => (await import('./locks/uv-lock.ts')).uvLock),
  manifest(/^Cargo\.toml$/, async () => (await import('./manifests/cargo-toml.ts')).cargoToml),
  lock(/^Cargo\.lock$/, async () => (await import('./locks/cargo-lock.ts')).cargoLock),
  manifest(/^(?:.*\.)?pom\.xml$/, async () => (await import('./manifests/pom-xml.ts')).pomXml),
  manifest(
    /^gradle\.properties$/,
    async () => (await import('./manifests/gradle-properties.ts')).gradleProperties,
  ),
  manifest(
    /(?:\.(?:cs|fs|vb)proj|^Directory\.Build\.props)$/i,
    async () => (await import('./manifests/msbuild.ts')).msbuild,
  ),
  manifest(/^Chart\.ya?ml$/, async () => (await import('./manifests/chart-yaml.ts')).chartYaml),
  manifest(/^composer\.json$/, async () => (await import('./manifests/composer-json.ts')).composerJson),
  manifest(/^lerna\.json$/, async () => (await import('./manifests/lerna-json.ts')).lernaJson),
  manifest(/^mix\.exs$/, async () => (await import('./manifests/mix-exs.ts')).mixExs),
  manifest(/^pubspec\.ya?ml$/, async () => (await import('./manifests/pubspec-yaml.ts')).pubspecYaml),
  manifest(/^\.?version(?:\.txt)?$/i, async () => (await import('./manifests/version-text.ts')).versionText),
];

/** Which of a folder's files are version files without anybody saying so, in the order of the kinds. */
export function findVersionFiles(names: readonly string[]): string[] {
  const kindOf = (name: string) => KINDS.findIndex((kind) => kind.names.test(name));
  return names
    .toSorted()
    .filter((name) => KINDS[kindOf(name)]?.found === true)
    .sort((a, b) => kindOf(a) - kindOf(b));
}

/**
 * How a file states its version: by the pattern that it was given, else by its name.
 *
 * @throws VersionFileError where only a pattern could tell
 */
export async function loadFormat({
  path,
  pattern,
}: {
  path: string;
  pattern?: string;
}): Promise<VersionFormat> {
  if (pattern !== undefined) return (await import('./pattern.ts')).formatByPattern(pattern);
  const name = path.split('/').at(-1) ?? '';
  const kind = KINDS.find(({ names }) => names.test(name));
  if (kind !== undefined) return kind.load();
  throw new VersionFileError(
    `${path}: no rule says where this file states its version. Give it a pattern with a {version} mark.`,
  );
}
