import { existsSync, statSync } from 'node:fs';
import { basename, dirname, relative, resolve } from 'node:path';
import type { Plugin } from 'rolldown';

const PACKAGED = '.packaged.ts';
const REFERENCE = /new URL\(\s*(['"`])([^'"`]+)\1\s*,\s*import\.meta\.url\s*,?\s*\)/g;

/** A folder of the sources that goes into the build as it is. */
export interface CopiedFolder {
  from: string;
  /** Name in the build. */
  to: string;
}

/** What the plugin needs of the place: all are absolute paths. */
export interface Places {
  /** The package's folder. */
  root: string;
  /** Folder of the sources. */
  sources: string;
}

/**
 * Puts right what is different in a package: a module beside which `NAME.packaged.ts` lies is replaced by that one; and
 * what a module refers to by `new URL('PLACE', import.meta.url)` is found where the build has put it. A program
 * becomes a file of its own, a folder is told to `onFolder`, what lies outside of the sources stays where it is, and
 * `built:NAME` is a file that the build itself makes.
 *
 * @param commonJs sources that become CommonJS files of their own, built separately
 * @throws Error when a reference cannot be followed
 */
export function relocateFiles(
  { root, sources }: Places,
  commonJs: readonly string[],
  onFolder: (folder: CopiedFolder) => void,
): Plugin {
  return {
    name: 'relocate-files',
    async resolveId(source, importer, options) {
      const found = await this.resolve(source, importer, { ...options, skipSelf: true });
      if (!found?.id.startsWith(sources) || found.id.endsWith(PACKAGED)) return found;
      const packaged = found.id.replace(/\.ts$/, PACKAGED);
      return existsSync(packaged) ? { id: packaged } : found;
    },
    transform(code, id) {
      if (!id.startsWith(sources) || !code.includes('import.meta.url')) return undefined;
      const place = (written: string): string => {
        if (written.startsWith('built:')) return `./${written.slice('built:'.length)}`;
        const target = resolve(dirname(id), written);
        if (!existsSync(target)) throw new Error(`${id} refers to ${written}, which does not exist.`);
        // A build's files all lie in one folder of the root.
        if (!target.startsWith(`${sources}/`)) {
          const outside = `../${relative(root, target)}`;
          return statSync(target).isDirectory() && !outside.endsWith('/') ? `${outside}/` : outside;
        }
        if (statSync(target).isDirectory()) {
          onFolder({ from: target, to: basename(target) });
          return `./${basename(target)}/`;
        }
        if (!target.endsWith('.ts')) throw new Error(`${id} refers to ${written}: put it into a folder.`);
        const name = basename(target, '.ts');
        if (commonJs.includes(target)) return `./${name}.cjs`;
        this.emitFile({ type: 'chunk', id: target, fileName: `${name}.js` });
        return `./${name}.js`;
      };
      const moved = code.replaceAll(REFERENCE, (_, quote: string, written: string) => {
        if (quote === '`') throw new Error(`${id} refers to a file by a template: ${written}`);
        return `new URL('${place(written)}', import.meta.url)`;
      });
      return { code: moved, map: null };
    },
  };
}
