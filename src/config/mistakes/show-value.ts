/** Shows what stands in a configuration, without ever showing a secret. */
import type { ConfigPath } from './mistake.ts';

/** Keys behind which people put a secret by mistake where its name belongs. */
const SECRETIVE = /token|secret|password|private|api_key|cookie_key|^key$|^slack$/;

/** A short phrase for the value: `"releese"`, `a list`, `nothing`. */
export function showValue(value: unknown, path: ConfigPath): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return Object.keys(value).length === 0 ? 'an empty map' : 'a map';
  if (typeof value === 'string' && mayBeSecret(value, path)) {
    return `a text of ${value.length} characters (not shown: it may be a secret)`;
  }
  const shown = JSON.stringify(value);
  return shown.length <= 80 ? shown : `${shown.slice(0, 76)}…"`;
}

function mayBeSecret(value: string, path: ConfigPath): boolean {
  const keys = path.map(String);
  if (keys[0] === 'secrets' || keys.at(-2) === 'secrets' || keys.at(-2) === 'variables') return true;
  // A user name and password inside a URL.
  if (/\/\/[^/]*@/.test(value)) return true;
  return SECRETIVE.test(keys.at(-1) ?? '');
}
