/** How the hosts of repositories write their addresses. One more is a file of its own and a line in `forms.ts`. */
export interface LinkForm {
  /** Whether a host has this form, by its name (`github.com`, `git.example.com:8443`) and the path there. */
  knows(host: string, path: string): boolean;
  /** What stands before the number of a pull request. */
  pullMark: '#' | '!';
  /** All get the repository's address without a slash at its end; null where the host has no such page. */
  commit(base: string, sha: string): string | null;
  issue(base: string, number: number): string | null;
  pull(base: string, number: number): string | null;
  compare(base: string, from: string, to: string): string | null;
  tag(base: string, tag: string): string | null;
}

/** Encodes a ref for a path, parentheses too: they would end a Markdown link. */
export function encodePath(ref: string): string {
  if (/^[\w.~@/-]*$/.test(ref)) return ref;
  return encodeQuery(ref).replace(/%2F/g, '/').replace(/%40/g, '@');
}

/** Encodes a ref for a query. */
export function encodeQuery(ref: string): string {
  return encodeURIComponent(ref).replace(
    /[()!'*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
