import { spotAt, type VersionFormat } from '../format.ts';

/** A Helm chart: its own version, and that of the application in it, where they are the same. */
export const chartYaml: VersionFormat = {
  find: ({ text }) => [
    ...findTopLevel(text, 'version').map((span) => spotAt(text, span, 'own', 'version')),
    ...findTopLevel(text, 'appVersion').map((span) => spotAt(text, span, 'also', 'appVersion')),
  ],
  lacking: 'under version at the top',
};

/** A scalar at the top level of a YAML text, without its quotes and without a leading `v`. */
export function findTopLevel(text: string, key: string): [number, number][] {
  const match = new RegExp(
    `^${key}[ \\t]*:[ \\t]*(["']?)v?(\\d[^"'\\s#]*)\\1(?=[ \\t]*(?:#|\\r?$))`,
    'm',
  ).exec(text);
  if (match === null) return [];
  const value = match[2] ?? '';
  const end = match.index + match[0].length - (match[1] ?? '').length;
  return [[end - value.length, end]];
}
