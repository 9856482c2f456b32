import type { ProductSettings } from '../../release/settings.ts';
import { gitea } from './gitea/gitea.ts';
import { github } from './github/github.ts';
import { gitlab } from './gitlab/gitlab.ts';
import type { Host } from './host.ts';
import type { FieldKinds, HostKind, HostSection, IssueStore } from './host-kind.ts';
import { openNoHost } from './none/none.ts';

/** Every host that there is, under the name of its folder, which is that of its section in `windlass.yaml`. */
export const HOSTS = { github, gitlab, gitea } as const satisfies Record<string, HostKind>;

export type HostName = keyof typeof HOSTS;

export const HOST_NAMES = Object.keys(HOSTS) as HostName[];

/** The sections of all hosts, each optional: parts of a product's schema. */
export function hostSections(field: FieldKinds): {
  [Name in HostName]: ReturnType<ReturnType<HostKind['section']>['optional']>;
} {
  const sections = HOST_NAMES.map((name) => [name, HOSTS[name].section(field).optional()]);
  return Object.fromEntries(sections);
}

/** The kind of host that settings name. */
export function findHost(kind: string): HostKind {
  return HOSTS[kind as HostName];
}

/** The section that a product of the file has, and the host it is of; the first, where there are several. */
export function findSection(
  product: Partial<Record<HostName, HostSection | undefined>>,
): { name: HostName; section: HostSection } | undefined {
  for (const name of HOST_NAMES) {
    const section = product[name];
    if (section !== undefined) return { name, section };
  }
  return undefined;
}

/**
 * Opens a product's host; nothing is sent yet. `takeToken` gives the secret of that name.
 * @throws HostFailure for settings that cannot be
 */
export async function openHost(
  { host }: Pick<ProductSettings, 'host'>,
  access: { takeToken(name: string): string; signal: AbortSignal; store: IssueStore },
): Promise<Host> {
  if (host === undefined) return openNoHost(access.store);
  const token = access.takeToken(host.token);
  return await findHost(host.kind).open({ settings: host, token, signal: access.signal });
}
