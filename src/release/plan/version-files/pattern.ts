import { type VersionFile, VersionFileError, type VersionFormat, type VersionSpot } from './format.ts';

/** The format of a file of any name that is given by the text around its version. */
export function formatByPattern(pattern: string): VersionFormat {
  return {
    find: (file) => findByPattern(file, pattern),
    lacking: `by the pattern ${JSON.stringify(pattern)}`,
  };
}

/**
 * Every place where the text around a `{version}` mark occurs with a version in between. Where a word would go on
 * before the text (`kotlin_version=` for `version=`), another key is meant.
 *
 * @throws VersionFileError for a pattern without exactly one mark
 */
function findByPattern({ path, text }: VersionFile, pattern: string): VersionSpot[] {
  const [before, after, ...more] = pattern.split('{version}');
  if (before === undefined || after === undefined || more.length > 0 || before + after === '') {
    throw new VersionFileError(
      `${path}: the pattern ${JSON.stringify(pattern)} needs exactly one {version} mark and some text around it.`,
    );
  }
  const spots: VersionSpot[] = [];
  const version = /\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]*[0-9A-Za-z])?(?:\+[0-9A-Za-z.-]*[0-9A-Za-z])?/y;
  for (let at = text.indexOf(before); at >= 0; at = text.indexOf(before, at + 1)) {
    version.lastIndex = at + before.length;
    const match = version.exec(text);
    if (match !== null && text.startsWith(after, match.index + match[0].length)) {
      const end = match.index + match[0].length;
      const isWord = /^[\w.-]/.test(before) && /[\w.-]/.test(text[at - 1] ?? ' ');
      const label = `line ${text.slice(0, at).split('\n').length}`;
      spots.push({ from: match.index, to: end, stated: match[0], role: isWord ? 'also' : 'own', label });
    }
    if (before === '' && at >= text.length) break;
  }
  return spots;
}
