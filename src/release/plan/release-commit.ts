/** Recognises commits that a release made: they release nothing themselves. */
import { isPrerelease, isVersion } from './version.ts';

const SEMVER = 'v?\\d+\\.\\d+\\.\\d+(?:-[0-9A-Za-z.-]+)?(?:\\+[0-9A-Za-z.-]+)?';
/** Types under which tools file their release commits; a `feat: 2.0.0` is somebody's own wording. */
const FILED_UNDER =
  /^(?:(?:chore|build|ci|release|releases|docs|meta|misc|version|update)(?:\([^()]*\))?[ \t]*:[ \t]*|\[release\][ \t]*)?/i;
/** What may stand before them. Unicode's table costs ten milliseconds once: only what may need it asks it. */
const EMOJI = /^\p{Extended_Pictographic}\ufe0f?[ \t]*/u;
const EMOJI_NAME = /^:\w+:[ \t]*/;
const NAMES_VERSION = new RegExp(
  `^(?:\\((?:cargo-release|release)\\)[ \\t]*)?(?:(?:prepar(?:e|ing)(?:[ \\t]+for)?|cut|make|tag|do)[ \\t]+)?(?:(?:(?:new[ \\t]+)?release[sd]?|releasing|publish(?:ed)?)(?:[ \\t]+(?:version|of|for|candidate))?(?:[ \\t]+@?[A-Za-z][\\w./-]*(?=[ \\t]))?|(?:bump(?:ed|s)?|update[sd]?|set|increment)?[ \\t]*(?:the[ \\t]+)?(?:package[ \\t]+)?version(?:[ \\t]+(?:number|bump))?(?:[ \\t]+(?:to|from[ \\t]+${SEMVER}[ \\t]+to))?|bump(?:ed)?(?:[ \\t]+to)?)?[ \\t]*:?[ \\t]*(?:@?[\\w/.-]+@)?(${SEMVER})(?:[ \\t]+release)?(?:[ \\t]*\\(#\\d+\\))?[ \\t.!]*(?:\\[[a-z -]+\\][ \\t]*)*$`,
  'i',
);
const NAMES_NOTHING =
  /^(?:version packages|publish(?: packages)?|release(?: packages| main| branch main)?|release please|new release|bump versions?|version bump|update changelog(?: and version)?)(?:[ \t]*\((?:#\d+|[a-z]+)\))*$/i;
/** The changelog of a release, written beside it: "Add v1.2.3 to CHANGELOG.md [skip ci]", "Update changelog for 1.2.3". */
const WRITES_CHANGELOG = new RegExp(
  `^(?:(?:add|write|generate|update|prepare)[ \\t]+)?(?:(?:the[ \\t]+)?changelog(?:\\.md)?[ \\t]+(?:entry[ \\t]+)?(?:for|to|of|with)[ \\t]+(?:version[ \\t]+|release[ \\t]+)?${SEMVER}|${SEMVER}[ \\t]+(?:to|in)[ \\t]+(?:the[ \\t]+)?changelog(?:\\.md)?|${SEMVER}[ \\t]+changelog)(?:[ \\t]*\\(#\\d+\\))?(?:[ \\t]*\\[[a-z -]+\\])*$`,
  'i',
);

/** What tools commit right after a release: "Back to development: 1.3.0", "Start 1.3.0 development". */
const OPENS_DEVELOPMENT = new RegExp(
  `^(?:back to development|(?:start|begin|open|prepare(?: for)?)(?:ing)?[ \\t]+(?:next[ \\t]+)?(?:(?:${SEMVER}|development)[ \\t]+)?(?:development|iteration|dev)(?:[ \\t]+(?:iteration|version|cycle|on|of|for))*)(?:[ \\t]*:?[ \\t]*${SEMVER})?[ \\t.]*$`,
  'i',
);
/** Marks of a version that is being worked on: it names what comes next, not what is out. */
const IN_DEVELOPMENT = /-(?:dev|devel|snapshot|wip|unreleased|nightly|canary)\b/i;

/** What every release subject has somewhere; quick to rule out for all others. */
const MAY_BE_RELEASE =
  /\d\.\d|[Rr]elease|RELEASE|[Vv]ersion|VERSION|[Pp]ublish|PUBLISH|[Cc]hangelog|CHANGELOG|[Dd]evelopment|[Ii]teration|\[maven/;

/** Whether a subject is one that release tools write: `chore(release): 1.2.0`, `Release 1.2.0`, `1.2.0`, `Version Packages`. */
export function isReleaseSubject(subject: string): boolean {
  if (subject.length > 300 || !MAY_BE_RELEASE.test(subject)) return false;
  const rest = withoutFiling(subject);
  return (
    NAMES_VERSION.test(rest) ||
    NAMES_NOTHING.test(rest) ||
    WRITES_CHANGELOG.test(rest) ||
    OPENS_DEVELOPMENT.test(rest) ||
    /^\[maven-release-plugin\]/.test(rest)
  );
}

/**
 * The pre-release that a release commit names, or null. A pre-release of 2.0.0 that is already out says where the
 * next final version is heading, also when its tag is missing in a clone.
 */
export function announcedPrerelease(subject: string): string | null {
  if (subject.length > 300) return null;
  const named = NAMES_VERSION.exec(withoutFiling(subject))?.[1]?.replace(/^v/i, '');
  if (named === undefined || !isVersion(named) || !isPrerelease(named)) return null;
  return IN_DEVELOPMENT.test(named) ? null : named;
}

function withoutFiling(subject: string): string {
  const emoji = subject.charCodeAt(0) > 0x7f ? EMOJI : EMOJI_NAME;
  return subject.replace(emoji, '').replace(FILED_UNDER, '');
}
