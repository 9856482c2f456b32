import { VersionFileError } from '../format.ts';

export type Span = [from: number, to: number];

/** Where string values stand in a JSON text, found by walking it once. @throws VersionFileError for what is no JSON */
export function findJson(path: string, text: string, paths: readonly (readonly string[])[]): Span[] {
  try {
    JSON.parse(text.replace(/^\ufeff/, ' '));
  } catch (error) {
    throw new VersionFileError(
      `${path} is not valid JSON: ${(error as Error).message}. The file was not changed.`,
    );
  }
  return walkJson(text, paths);
}

/** As `findJson`, for JSON with trailing commas and comments, which is not checked. */
export function walkJson(text: string, paths: readonly (readonly string[])[]): Span[] {
  const wanted = new Set(paths.map((path) => JSON.stringify(path)));
  const spans: Span[] = [];
  // Per open object or array: the key that is being read. `key` is null inside arrays.
  const stack: { array: boolean; key: string | null; expectKey: boolean }[] = [];
  for (const match of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],:]/g)) {
    const top = stack.at(-1);
    const char = match[0];
    if (char === '{' || char === '[') stack.push({ array: char === '[', key: null, expectKey: char === '{' });
    else if (char === '}' || char === ']') stack.pop();
    else if (char === ',') {
      if (top !== undefined && !top.array) top.expectKey = true;
    } else if (char === ':') {
      if (top !== undefined) top.expectKey = false;
    } else if (top?.expectKey === true) top.key = JSON.parse(char) as string;
    else if (
      stack.every((level) => !level.array) &&
      wanted.has(JSON.stringify(stack.map((level) => level.key)))
    ) {
      spans.push([match.index + 1, match.index + char.length - 1]);
    }
  }
  return spans;
}
