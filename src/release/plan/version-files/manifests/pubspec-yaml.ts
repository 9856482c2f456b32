import { spotAt, type VersionFormat } from '../format.ts';
import { findTopLevel } from './chart-yaml.ts';

/** Dart and Flutter. A build number (`1.2.3+45`) goes up by one, since app stores refuse one that they know. */
export const pubspecYaml: VersionFormat = {
  find: ({ text }) => findTopLevel(text, 'version').map((span) => spotAt(text, span)),
  lacking: 'under version at the top',
  write: (version, stated) => {
    const build = /\+(\d{1,15})$/.exec(stated)?.[1];
    return build === undefined ? version : `${version}+${Number(build) + 1}`;
  },
  read: (stated) => stated.replace(/\+.*$/, ''),
};
