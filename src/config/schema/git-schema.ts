/** The words that a release leaves in git. Checked here, once: they become commits, tags and refs. */
import { z } from 'zod';
import { GIT_TEXT_MARKS, GIT_TEXTS, type GitTextName } from '../../release/git-texts.ts';
import { text } from './fields.ts';

const namesOf = (name: GitTextName) => GIT_TEXT_MARKS[name].map((mark) => `{${mark}}`).join(', ');

/**
 * A message: its first line says which release it is, and no line of it is a trailer that Windlass reads, which would
 * turn the commit into another release's or plan the next one.
 */
function message(name: GitTextName, needed: string) {
  const marks = GIT_TEXT_MARKS[name].join('|');
  const trailer = '[Rr][Ee][Ll][Ee][Aa][Ss][Ee]-(?:[Ii][Dd]|[Aa][Ss])[ \\t]*:';
  return text(
    new RegExp(
      `^(?=[^\\n]{0,200}(?:\\n|$))(?=[^\\n]*\\{${needed}\\})(?![\\s\\S]*(?:^|\\n)${trailer})(?!\\s)(?:[^\\u0000-\\u0009\\u000b-\\u001f\\u007f{}]|\\{(?:${marks})\\}){1,2000}$`,
    ),
    `a message with {${needed}} in its first line and no other marks than ${namesOf(name)}, without a Release-Id or Release-As line`,
  );
}

/** A branch by the rules of a branch's name, with a mark for each version. */
function branchTemplate(name: GitTextName) {
  return text(
    /^(?!.*\{version\}.*\{version\})(?!.*(?:\.\.|\/\/|\.lock(?:\/|$)|\.(?:\/|$)|\/\.|@\{))(?=.*\{version\})(?!refs\/)(?:[A-Za-z0-9_]|\{product\}|\{version\})(?:[A-Za-z0-9._/+-]|\{product\}|\{version\}){0,150}(?<![./-])$/,
    `a branch name with {version} in it once and no other marks than ${namesOf(name)}, such as ${GIT_TEXTS[name]}`,
  );
}

export const gitSchema = z
  .strictObject({
    commit_message: message('commitMessage', 'version')
      .prefault(GIT_TEXTS.commitMessage)
      .describe(
        `Message of the release commit, such as \`chore(release): {version} [skip ci]\`; of ${namesOf('commitMessage')}. A \`Release-Id\` trailer follows it.`,
      ),
    merge_message: message('mergeMessage', 'version')
      .prefault(GIT_TEXTS.mergeMessage)
      .describe(`Message of the merge into the released branch; of ${namesOf('mergeMessage')}.`),
    tag_message: message('tagMessage', 'version')
      .prefault(GIT_TEXTS.tagMessage)
      .describe(`Message of the tag; of ${namesOf('tagMessage')}.`),
    state_message: message('stateMessage', 'what')
      .prefault(GIT_TEXTS.stateMessage)
      .describe(
        `Message of commits to the state files; of ${namesOf('stateMessage')}. \`{what}\` is \`update state\` or \`record release status\`.`,
      ),
    branch: branchTemplate('branch')
      .prefault(GIT_TEXTS.branch)
      .describe('Name of the branch that a release is prepared on.'),
    hotfix_branch: branchTemplate('hotfixBranch')
      .prefault(GIT_TEXTS.hotfixBranch)
      .describe('Name of the branch that a hotfix is prepared on.'),
  })
  .prefault({})
  .describe('The words that a release leaves in git.');
