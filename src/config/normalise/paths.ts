/** Turns what the file says about places into absolute ones. */
import { isAbsolute, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A path of this machine; a relative one starts from `base`, the configuration's folder. */
export function resolvePath(base: string, path: string): string {
  return isAbsolute(path) ? path : resolve(base, path);
}

/** A git address as git is to be given it: URLs as they are, everything on this machine as an absolute path. */
export function resolveGitUrl(base: string, url: string): string {
  if (url.startsWith('file://')) return fileURLToPath(url);
  return isRemote(url) ? url : resolvePath(base, url);
}

function isRemote(url: string): boolean {
  return /^(?:https?|ssh):\/\//.test(url) || /^[\w.-]+@[\w.-]+:/.test(url);
}

/** `https://host/` and `https://host` are the same place; links are built on the second. */
export function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '');
}

/** Leaves out the properties that are `undefined`: the settings' types tell absent from undefined. */
export function compact<T extends object>(value: T): Compact<T> {
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined)) as Compact<T>;
}

type Compact<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};
