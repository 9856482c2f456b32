import { spotAt, type VersionFormat } from '../format.ts';
import { readXml } from '../spans/xml.ts';

const OWN = ['Version', 'VersionPrefix', 'PackageVersion'];
const COPIES = [
  ...OWN,
  'AssemblyVersion',
  'FileVersion',
  'InformationalVersion',
  'AssemblyInformationalVersion',
];

/** .NET: the version among a project's properties. Assemblies have four numbers and no pre-releases. */
export const msbuild: VersionFormat = {
  find: ({ text }) => {
    const properties = readXml(text).flatMap((element) => {
      const name = /^Project\/PropertyGroup\/(\w+)$/.exec(element.path)?.[1];
      return name === undefined || !COPIES.includes(name) || !/^\d/.test(element.text)
        ? []
        : [{ name, element }];
    });
    const own = OWN.flatMap((name) => properties.filter((one) => one.name === name))[0];
    if (own === undefined) return [];
    return [own, ...properties.filter((one) => one !== own)].map(({ name, element }) =>
      spotAt(text, [element.from, element.to], element === own.element ? 'own' : 'also', name),
    );
  },
  lacking: 'under <Version> or <VersionPrefix> of a <PropertyGroup>',
  write: (version, stated) => (isFourNumbers(stated) ? `${version.split(/[-+]/, 1)[0]}.0` : version),
  read: (stated) => (isFourNumbers(stated) ? stated.split('.').slice(0, 3).join('.') : stated),
};

function isFourNumbers(text: string): boolean {
  return /^\d+\.\d+\.\d+\.\d+$/.test(text);
}
