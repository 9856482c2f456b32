import { spotAt, type VersionFormat } from '../format.ts';

/** Elixir: the module attribute that `project` names, or the text in `project` itself. */
export const mixExs: VersionFormat = {
  find: ({ text }) => {
    const match =
      /^[ \t]*@version[ \t]+"([^"\n]+)"/m.exec(text) ??
      /^[ \t]*(?:def[ \t]+project[^\n]*\[)?[^\n#]*?\bversion:[ \t]*"([^"\n]+)"/m.exec(text);
    if (match?.[1] === undefined) return [];
    const end = match.index + match[0].length - 1;
    return [spotAt(text, [end - match[1].length, end])];
  },
  lacking: 'under @version or version: of the project',
};
