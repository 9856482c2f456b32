/** Where providers' own parts stand in the file: what every rule about providers walks over. */
import { CHANNELS } from '../../providers/channel/channels.ts';
import { METRIC_SOURCES } from '../../providers/metrics/sources.ts';
import { nameProvider, type ProviderSettings } from '../../providers/settings.ts';
import { STORES } from '../../providers/store/stores.ts';
import type { SecretReader } from '../installation.ts';
import type { ConfigPath } from '../mistakes/mistake.ts';
import type { ConfigFile } from '../schema/installation-schema.ts';

type Seam = Readonly<Record<string, ProviderSettings>>;

/** An entry of a provider, or a section of its own. */
export interface ProviderPart {
  path: ConfigPath;
  seam: Seam;
  /** The provider's name, and its entry; a section has none. */
  entry?: { name: string; written: Readonly<Record<string, unknown>> };
  /** Where its section stands, or would. */
  holder: { path: ConfigPath; written: Readonly<Record<string, unknown>> };
  /** Whose worker uses it. None: every process does. */
  neededBy: SecretReader[];
  secrets: { path: ConfigPath; value: string | undefined }[];
  urls: { path: ConfigPath; value: string | undefined }[];
}

/** Every provider's part of the configuration. */
export function listProviderParts(config: ConfigFile): ProviderPart[] {
  const top = { path: [], written: config };
  const parts = [
    describeEntry(STORES, ['store'], config.store, top, []),
    ...describeSections(CHANNELS, top, ['support']),
  ];
  for (const [channel, ways] of Object.entries(config.channels)) {
    ways.forEach((way, index) => {
      parts.push(describeEntry(CHANNELS, ['channels', channel, index], way, top, ['support']));
    });
  }
  for (const [product, { environments }] of Object.entries(config.products)) {
    for (const [environment, written] of Object.entries(environments)) {
      const holder = { path: ['products', product, 'environments', environment], written };
      parts.push(...describeSections(METRIC_SOURCES, holder, ['support']));
      written.checks.forEach(({ source }, index) => {
        const path = [...holder.path, 'checks', index, 'source'];
        parts.push(describeEntry(METRIC_SOURCES, path, source, holder, ['support']));
      });
    }
  }
  return parts;
}

function describeEntry(
  seam: Seam,
  path: ConfigPath,
  written: Readonly<Record<string, unknown>>,
  holder: ProviderPart['holder'],
  neededBy: SecretReader[],
): ProviderPart {
  const name = nameProvider(seam, written);
  const { secrets = [], urls = [] } = seam[name]!;
  return {
    path,
    seam,
    entry: { name, written },
    holder,
    neededBy,
    secrets: secrets.map((way) => follow(path, written, way)),
    urls: urls.map((way) => follow(path, written, way)),
  };
}

function describeSections(
  seam: Seam,
  holder: ProviderPart['holder'],
  neededBy: SecretReader[],
): ProviderPart[] {
  return Object.values(seam).flatMap(({ section }) => {
    if (section === undefined) return [];
    const at = (way: string) => follow(holder.path, holder.written, way);
    const { path } = holder;
    const [secrets, urls] = [(section.secrets ?? []).map(at), (section.urls ?? []).map(at)];
    return [{ path, seam, holder, neededBy, secrets, urls }];
  });
}

/** What stands at a dotted way below a place. */
function follow(path: ConfigPath, written: unknown, way: string) {
  const keys = way.split('.');
  const value = keys.reduce<unknown>((inner, key) => (inner as Record<string, unknown>)?.[key], written);
  return { path: [...path, ...keys], value: value as string | undefined };
}
