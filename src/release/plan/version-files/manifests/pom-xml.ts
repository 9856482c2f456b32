import { spotAt, type VersionFormat, type VersionSpot } from '../format.ts';
import { readXml, type XmlElement } from '../spans/xml.ts';

/** Properties that Maven's "CI friendly" versions are made of; only the first is the version. */
const CHANGELISTS = ['changelist', 'sha1'];

/**
 * Maven: the project's own version, not a dependency's; of `${revision}` and the like, the property. A module that
 * states none has its parent's, which moves where it is the product's.
 */
export const pomXml: VersionFormat = {
  find: ({ text, packageNames = [] }) => {
    const elements = readXml(text);
    const spot = (element: XmlElement, role: VersionSpot['role'], label?: string) =>
      spotAt(text, [element.from, element.to], role, label);
    const own = elements.find(({ path }) => path === 'project/version');
    const parent = elements.find(({ path }) => path === 'project/parent/version');
    const spots: VersionSpot[] = [];
    if (own !== undefined) {
      const property = ownProperty(own.text, elements);
      if (property !== undefined) spots.push(spot(property, 'own', property.path.split('/').at(-1)));
      else if (/^\d/.test(own.text)) spots.push(spot(own, 'own'));
    }
    if (parent !== undefined && /^\d/.test(parent.text)) {
      spots.push(spot(parent, 'also', "the parent's version"));
    }
    return [
      ...spots,
      ...siblings(elements, packageNames).map((one) => spot(one, 'also', 'the version of a module')),
    ];
  },
  lacking: "in the project's own <version>",
};

/** The property of `${revision}`, also of `${revision}${changelist}`. */
function ownProperty(version: string, elements: readonly XmlElement[]): XmlElement | undefined {
  const names = [...version.matchAll(/\$\{([\w.-]+)\}/g)].map(([, name = '']) => name);
  const [name] = names.filter((one) => !CHANGELISTS.includes(one));
  if (name === undefined) return undefined;
  return elements.find(({ path, text }) => path === `project/properties/${name}` && /^\d/.test(text));
}

/** Versions of dependencies that are modules of the same build. */
function siblings(elements: readonly XmlElement[], names: readonly string[]): XmlElement[] {
  return elements.filter(({ path, parent, text }) => {
    if (!/\/dependency\/version$/.test(path) || !/^\d/.test(text)) return false;
    const name = elements.find((one) => one.parent === parent && one.path.endsWith('/artifactId'))?.text;
    return name !== undefined && names.includes(name);
  });
}
