/** What a provider's entry needs beside it. */
import { findSection, HOST_NAMES } from '../../providers/host/hosts.ts';
import type { MetricProvider } from '../../providers/metrics/metric-source.ts';
import type { ConfigPath } from '../mistakes/mistake.ts';
import { listProviderParts, type ProviderPart } from '../normalise/list-provider-parts.ts';
import type { ConfigFile } from '../schema/installation-schema.ts';
import type { RuleFinding, RuleInput } from './check-rules.ts';

/** Reports keys of one provider beside another's name, and sections or hosts that entries cannot do without. */
export function checkProviders({ config }: RuleInput): RuleFinding[] {
  return listProviderParts(config).flatMap((part) => [
    ...checkCompanions(part),
    ...checkSection(part),
    ...checkHost(part, config),
  ]);
}

function checkCompanions({ path, seam, entry }: ProviderPart): RuleFinding[] {
  if (entry === undefined) return [];
  return Object.entries(seam).flatMap(([name, { keys }]) =>
    Object.keys(keys)
      .filter((key) => name !== entry.name && entry.written[key] !== undefined)
      .map((key) => ({
        path: [...path, key],
        at: 'key' as const,
        expected: `${name} beside it, which it belongs to`,
        found: 'none',
      })),
  );
}

function checkSection({ path, seam, entry, holder }: ProviderPart): RuleFinding[] {
  const section = entry && seam[entry.name]?.section;
  const [key] = Object.keys(section?.shape ?? {});
  if (entry === undefined || section === undefined || key === undefined) return [];
  if (holder.written[key] !== undefined) return [];
  const about: ConfigPath[] = [[...holder.path, key]];
  return [{ path: [...path, entry.name], at: 'key', expected: section.missing, found: 'none', about }];
}

function checkHost({ path, seam, entry }: ProviderPart, config: ConfigFile): RuleFinding[] {
  const [, product = ''] = path;
  if (entry === undefined || !(seam[entry.name] as MetricProvider).asksHost) return [];
  if (findSection(config.products[product] ?? {}) !== undefined) return [];
  const expected = `a section of a host in the product (${HOST_NAMES.join(', ')}): it is what is asked`;
  return [{ path: [...path, entry.name], at: 'key', expected, found: 'none' }];
}
