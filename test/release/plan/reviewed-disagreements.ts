/**
 * The real releases on which the plan and the maintainers differ, each read by a person. A change of judgement shows
 * up here: a release that leaves or joins this list fails the test until somebody has given the reason.
 */
export interface Disagreement {
  repository: string;
  released: string;
  /** What the plan says instead; null means that nothing calls for a release. */
  planned: string | null;
  reason: string;
}

const EMPTY =
  'Published again without any change: the range holds the release commit alone, so nothing calls for a release.';
const UNNOTICED =
  'Only chores that the convention does not release; the maintainers published a patch by hand.';
const FEATURE_AS_PATCH = 'A commit says feat, which is a minor version; the maintainers published a patch.';
const BELOW_ONE =
  'Below 1.0.0 this project publishes features as patches; the default policy moves the minor number.';
const NO_CONVENTION =
  'Subjects without convention; what makes it a minor version is known to its authors alone: ';

export const REVIEWED_DISAGREEMENTS: readonly Disagreement[] = [
  {
    repository: 'commitizen/cz-cli',
    released: 'v4.2.2',
    planned: '5.0.0',
    reason:
      'A commit says "feat!"; it was published as a patch by mistake and taken back in v4.2.3 ("It was supposed to be released as a breaking change").',
  },
  {
    repository: 'conventional-changelog/standard-version',
    released: 'v5.0.2',
    planned: null,
    reason: UNNOTICED,
  },
  {
    repository: 'conventional-changelog/standard-version',
    released: 'v7.0.1',
    planned: '7.1.0',
    reason: FEATURE_AS_PATCH,
  },
  { repository: 'lerna/lerna', released: 'v7.4.1', planned: null, reason: EMPTY },
  { repository: 'lerna/lerna', released: 'v8.1.8', planned: '8.2.0', reason: FEATURE_AS_PATCH },
  { repository: 'lerna/lerna', released: 'v8.1.9', planned: '8.2.0', reason: FEATURE_AS_PATCH },
  { repository: 'lerna/lerna', released: 'v8.2.1', planned: null, reason: UNNOTICED },
  { repository: 'lerna/lerna', released: 'v8.2.4', planned: '8.3.0', reason: FEATURE_AS_PATCH },
  { repository: 'lerna/lerna', released: 'v9.0.2', planned: null, reason: UNNOTICED },
  { repository: 'lerna/lerna', released: 'v9.0.3', planned: null, reason: EMPTY },
  { repository: 'npm/hosted-git-info', released: 'v2.4.1', planned: null, reason: EMPTY },
  {
    repository: 'release-it/release-it',
    released: '17.1.0',
    planned: '17.0.6',
    reason: 'The title follows no convention, and the squashed commits that it lists are a fix and a chore.',
  },
  {
    repository: 'release-it/release-it',
    released: '17.2.1',
    planned: '17.3.0',
    reason: 'The title follows no convention, and the squashed commits that it lists begin with a feat.',
  },
  {
    repository: 'release-it/release-it',
    released: '17.4.2',
    planned: '17.5.0',
    reason: '"Add debug output to plugin loader" reads like a feature; its authors did not think so.',
  },
  {
    repository: 'release-it/release-it',
    released: '17.11.0',
    planned: '17.10.1',
    reason: `${NO_CONVENTION}"GitLab Generic Package Repository for assets".`,
  },
  {
    repository: 'release-it/release-it',
    released: '18.1.0',
    planned: '18.0.1',
    reason: `${NO_CONVENTION}"Add \`releaseNotes\` object for … changelog" reads like work on the changelog.`,
  },
  {
    repository: 'release-it/release-it',
    released: '19.0.4',
    planned: '19.1.0',
    reason: 'The title follows no convention, and among the squashed commits that it lists is a feat.',
  },
  {
    repository: 'release-it/release-it',
    released: '19.0.6',
    planned: '19.0.5',
    reason: 'The maintainers skipped a number (19.0.5 was never tagged); the kind of release is the same.',
  },
  {
    repository: 'release-it/release-it',
    released: '20.2.0',
    planned: '20.1.1',
    reason: `${NO_CONVENTION}"Capture the stage id", "Print … approval URL".`,
  },
  { repository: 'unjs/h3', released: 'v0.7.18', planned: '0.8.0', reason: BELOW_ONE },
  {
    repository: 'unjs/h3',
    released: 'v0.7.19',
    planned: null,
    reason: 'Only "build: hotfix for unbuild issue", a type that the convention does not release.',
  },
  { repository: 'unjs/h3', released: 'v0.8.2', planned: '0.9.0', reason: BELOW_ONE },
  { repository: 'unjs/h3', released: 'v0.8.5', planned: '0.9.0', reason: BELOW_ONE },
  { repository: 'unjs/h3', released: 'v0.8.6', planned: '0.9.0', reason: BELOW_ONE },
  {
    repository: 'unjs/h3',
    released: 'v1.0.0',
    planned: '0.9.0',
    reason: 'Declaring 1.0.0 is a decision of people; a breaking change below it moves the minor number.',
  },
  { repository: 'unjs/h3', released: 'v1.0.1', planned: null, reason: EMPTY },
  {
    repository: 'unjs/h3',
    released: 'v1.2.1',
    planned: null,
    reason: 'Only "build: inline `iron-webcrypto`" and a chore, types that the convention does not release.',
  },
  { repository: 'unjs/h3', released: 'v1.6.4', planned: null, reason: EMPTY },
  { repository: 'unjs/h3', released: 'v1.11.1', planned: null, reason: EMPTY },
];
