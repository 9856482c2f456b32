import { type FileSource, folderOf, joinPath } from '../file-source.ts';
import type { VersionFile } from '../format.ts';
import { readXml } from '../spans/xml.ts';
import type { Follow } from './follower.ts';

/** More modules than any build has; a circle of modules ends here too. */
const MAX_MODULES = 2_000;

/** Maven's modules, and theirs: each names its parent's version again. */
export const followMaven: Follow = async (source, path, text) => {
  const modules = await readModules(source, path, text);
  const packageNames = [{ path, text }, ...modules].flatMap((pom) => artifactOf(pom.text) ?? []);
  return { packageNames, files: modules.map((pom) => ({ ...pom, packageNames })) };
};

async function readModules(source: FileSource, path: string, text: string): Promise<VersionFile[]> {
  const seen = new Set([path]);
  const found: VersionFile[] = [];
  const open: VersionFile[] = [{ path, text }];
  while (open.length > 0 && found.length < MAX_MODULES) {
    const pom = open.shift();
    if (pom === undefined) break;
    for (const element of readXml(pom.text)) {
      if (!/^project\/(?:profiles\/profile\/)?modules\/module$/.test(element.path)) continue;
      const named = joinPath(folderOf(pom.path), element.text);
      const module = named.endsWith('.xml') ? named : joinPath(named, 'pom.xml');
      const inner = seen.has(module) ? null : await source.read(module);
      seen.add(module);
      if (inner === null) continue;
      found.push({ path: module, text: inner });
      open.push({ path: module, text: inner });
    }
  }
  return found;
}

function artifactOf(text: string): string | undefined {
  return readXml(text).find(({ path }) => path === 'project/artifactId')?.text;
}
