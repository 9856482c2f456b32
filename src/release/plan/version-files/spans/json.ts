import { VersionFileError } from '../format.ts';

export type Span = [from: number, to: number];

/** Where string values stand in a JSON text (`once`: see `walkJson`). @throws VersionFileError for what is no JSON */
export function findJson(
  path: string,
  text: string,
  paths: readonly (readonly string[])[],
  once = false,
): Span[] {
  try {
    JSON.parse(text.replace(/^\ufeff/, ' '));
  } catch (error) {
    throw new VersionFileError(
      `${path} is not valid JSON: ${(error as Error).message}. The file was not changed.`,
    );
  }
  return walkJson(text, paths, once);
}

/**
 * As `findJson`, for JSON with trailing commas and comments, which is not checked.
 *
 * @param once whether a program wrote the text, so that no key is there twice: then the walk ends at the last of them
 */
export function walkJson(text: string, paths: readonly (readonly string[])[], once = false): Span[] {
  const spans: Span[] = [];
  // Per open object or array the key that is being read, with its quotes; inside arrays there is none.
  const keys: (string | null)[] = [];
  const quoted = paths.map((path) => path.map((key) => JSON.stringify(key)));
  // Only a key is followed by a colon. A lock file has ten thousands of tokens: few are looked at twice.
  const tokens = /("(?:[^"\\]|\\.)*")(\s*:)?|[{}[\]]/g;
  for (let match = tokens.exec(text); match !== null; match = tokens.exec(text)) {
    const [token, string, colon] = match;
    if (string === undefined) {
      if (token === '{' || token === '[') keys.push(null);
      else keys.pop();
    } else if (colon !== undefined) {
      keys[keys.length - 1] = string.includes('\\') ? JSON.stringify(JSON.parse(string)) : string;
    } else if (
      quoted.some((path) => path.length === keys.length && path.every((key, at) => keys[at] === key))
    ) {
      spans.push([match.index + 1, match.index + string.length - 1]);
      if (once && spans.length === paths.length) break;
    }
  }
  return spans;
}
