import { spotAt, type VersionFormat } from '../format.ts';

/** The keys under which Gradle builds keep their version, the usual one first. */
const KEYS = ['version', 'VERSION_NAME', 'projectVersion', 'project.version', 'pluginVersion', 'mod_version'];

/** Gradle. */
export const gradleProperties: VersionFormat = {
  find: ({ text }) =>
    KEYS.flatMap((key) => {
      const escaped = key.replace('.', '\\.');
      const match = new RegExp(`^[ \\t]*${escaped}[ \\t]*[=: ][ \\t]*v?(\\d[^\\s#]*)[ \\t]*\\r?$`, 'm').exec(
        text,
      );
      if (match?.[1] === undefined) return [];
      const from = match.index + match[0].lastIndexOf(match[1]);
      return [{ key, span: [from, from + match[1].length] as const }];
    }).map(({ key, span }, index) => spotAt(text, span, index === 0 ? 'own' : 'also', key)),
  lacking: `under ${KEYS.slice(0, 2).join(' or ')}`,
};
