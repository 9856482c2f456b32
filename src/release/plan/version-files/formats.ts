/** Every kind of version file that needs no pattern. One more is a file of its own and a line here. */
import type { VersionFormat } from './format.ts';
import { bunLock } from './locks/bun-lock.ts';
import { cargoLock } from './locks/cargo-lock.ts';
import { packageLock } from './locks/package-lock.ts';
import { uvLock } from './locks/uv-lock.ts';
import { cargoToml } from './manifests/cargo-toml.ts';
import { chartYaml } from './manifests/chart-yaml.ts';
import { composerJson } from './manifests/composer-json.ts';
import { gradleProperties } from './manifests/gradle-properties.ts';
import { lernaJson } from './manifests/lerna-json.ts';
import { mixExs } from './manifests/mix-exs.ts';
import { msbuild } from './manifests/msbuild.ts';
import { packageJson } from './manifests/package-json.ts';
import { pomXml } from './manifests/pom-xml.ts';
import { pubspecYaml } from './manifests/pubspec-yaml.ts';
import { pyproject } from './manifests/pyproject.ts';
import { versionText } from './manifests/version-text.ts';

export const VERSION_FORMATS: readonly VersionFormat[] = [
  packageJson,
  packageLock,
  bunLock,
  pyproject,
  uvLock,
  cargoToml,
  cargoLock,
  pomXml,
  gradleProperties,
  msbuild,
  chartYaml,
  composerJson,
  lernaJson,
  mixExs,
  pubspecYaml,
  versionText,
];

/** The format of a file by its name, or undefined when only a pattern could tell. */
export function formatOf(path: string): VersionFormat | undefined {
  const name = path.split('/').at(-1) ?? '';
  return VERSION_FORMATS.find((format) => format.matches(name));
}
