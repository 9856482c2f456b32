/** One product of `windlass.yaml`. Descriptions become the documentation. */

import { z } from 'zod';
import { hostSections } from '../../providers/host/hosts.ts';
import { registriesSchema } from '../../providers/registry/registries.ts';
import { ASKED_BUMPS, BREAKING_BUMPS, CHANGELOG_FORMATS } from '../../release/names.ts';
import { LINK_FORMS } from '../../release/plan/links/forms.ts';
import { DEFAULT_TIMES } from '../../release/policy/default-times.ts';
import { MERGE_WAYS } from '../../release/policy/merge-ways.ts';
import { STRATEGY_NAMES } from '../../release/policy/strategies.ts';
import { FAILED_WAVE_POLICIES } from '../../release/policy/waves.ts';
import { PRODUCT_SCRIPT_NAMES } from '../../release/settings.ts';
import { approvalsSchema } from './approvals-schema.ts';
import { environmentSchema } from './environment-schema.ts';
import * as field from './fields.ts';
import { gatesSchema } from './gate-schema.ts';
import { gitSchema } from './git-schema.ts';
import { migrationsSchema } from './migrations-schema.ts';
import { policySchema } from './policy-schema.ts';
import { scriptsSchema } from './script-schema.ts';

const repository = z
  .union(
    [
      field.gitUrl,
      z.strictObject({
        url: field.gitUrl.describe('Address of the repository, or a path on this machine.'),
        token: field.secretName
          .optional()
          .describe('Credential of the `release` role, for fetching and pushing over https.'),
        read_token: field.secretName
          .optional()
          .describe('Credential with which the other roles fetch a private repository.'),
      }),
    ],
    { error: 'the address of a git repository, or { url, token, read_token }' },
  )
  .describe('The git repository: its address, or address and credentials.');

/** Says why a switch is not there, where people will look for it. */
function refusedSwitch(why: string) {
  return z.never({ error: why }).optional();
}

const NOTHING_SKIPS = 'this key not to be there: nothing skips the tests or the build';

const release = z
  .strictObject({
    auto_trigger: z.boolean().prefault(false).describe('Whether a release may start without a person.'),
    require_quality_gates: z
      .boolean()
      .prefault(true)
      .describe('`false` makes the load test and the profile advisory. Nothing skips tests or build.'),
    version_bump: z
      .enum(ASKED_BUMPS)
      .prefault('auto')
      .describe('`auto`: from the commits since the last release.'),
    release_branch: field.branch.prefault('main').describe('The branch that is released.'),
    merge: z
      .enum(MERGE_WAYS)
      .prefault('auto')
      .describe(
        'How the release gets into that branch. `push`: Windlass pushes the merge. `pull_request`: it opens a pull request (merge request) and merges it when its checks are green. `auto`: by a pull request where the host says that the branch takes nothing else.',
      ),
    release_type: field.channel
      .prefault('stable')
      .describe('`stable`, or the channel of a pre-release such as `rc`.'),
    publish_registries: z
      .array(field.registryName)
      .optional()
      .describe('Where it is published. Default: every one under `registries`.'),
    deployment_strategy: z
      .enum(STRATEGY_NAMES)
      .optional()
      .describe('For major, minor and patch, where `policy` says nothing else. Hotfixes keep theirs.'),
    run_smoke_tests: z
      .literal(true, { error: 'true: what goes to production is always smoke tested' })
      .prefault(true)
      .describe('Always `true`.'),
    rollback_on_failure: z
      .boolean()
      .prefault(true)
      .describe('Whether a failed production deployment rolls back at once.'),
    on_failed_wave: z
      .enum(FAILED_WAVE_POLICIES)
      .prefault('roll_back')
      .describe(
        'Several production environments: what becomes of those that run the new version when a later wave fails. `roll_back`: they go back too. `stop`: they stay, and a person decides.',
      ),
    skip_tests: refusedSwitch(NOTHING_SKIPS),
    skip_build: refusedSwitch(NOTHING_SKIPS),
  })
  .prefault({})
  .describe('The switches of a release.');

const changelog = z
  .strictObject({
    file: field.productFile
      .prefault('CHANGELOG.md')
      .describe(
        'The file, from the folder of the product; with `/` before it from the top of the repository.',
      ),
    format: z
      .enum(CHANGELOG_FORMATS)
      .prefault('keep-a-changelog')
      .describe('How sections are named and ordered.'),
    include_prs: z.boolean().prefault(true).describe('Whether entries carry their pull request.'),
    pull_request_details: z
      .boolean()
      .prefault(false)
      .describe(
        'Whether the host is asked for the pull request of each commit, so that notes name its author.',
      ),
    breaking_changes_section: z
      .boolean()
      .prefault(true)
      .describe('Whether breaking changes get a section of their own.'),
    rules: z
      .array(
        field.exactlyOneOf(
          z.strictObject({
            pattern: field.regularExpression
              .optional()
              .describe("A regular expression on the commit's first line."),
            label: field.label.optional().describe("A label of the commit's pull request."),
            type: field
              .text(/^[a-z][a-z0-9-]{0,29}!?$/, 'a commit type such as feat or fix; ! marks it as breaking')
              .describe('The type that such a commit counts as.'),
          }),
          ['pattern', 'label'],
        ),
      )
      .prefault([])
      .describe('For commits that do not say their type; the first match counts.'),
  })
  .prefault({})
  .describe('The changelog.');

const versionFile = z.union(
  [
    field.productFile,
    z.strictObject({
      path: field.productFile.describe(
        'The file, from the folder of the product; with `/` before it from the top of the repository.',
      ),
      pattern: field
        .text(
          /^(?!.*\{version\}.*\{version\})(?=.*\{version\})[^\0\r\n]{1,300}$/,
          'a line with {version} in it once',
        )
        .optional()
        .describe('The text around the version, such as `VERSION = "{version}"`.'),
    }),
  ],
  { error: 'a path, or { path, pattern }' },
);

const registries = registriesSchema(field)
  .prefault({})
  .describe('Where packages and images go, by name. A name of yours says by `kind` what it is.');

const state = z
  .strictObject({
    repository: field.gitUrl
      .optional()
      .describe("The repository for both files. Default: the product's own."),
    branch: field.branch
      .optional()
      .describe(
        'Its branch. Default: `release.release_branch`, or `windlass-state` (made when it is needed) where that takes pull requests only; `main` in another repository.',
      ),
    state_file: field.repositoryPath
      .prefault('state.yml')
      .describe('Version, phase and times of each product.'),
    status_file: field.repositoryPath.prefault('release-status.yaml').describe('The list of releases.'),
  })
  .prefault({})
  .describe('Where the outcome is written down.');

const schedule = z
  .strictObject({
    day: field.day.describe('Day of the week.'),
    time: field.timeOfDay.describe('Time of day, local to `time_zone`.'),
    time_zone: field.timeZone.describe('IANA time zone.'),
    every_weeks: z
      .int({ error: 'a whole number of weeks (1 to 52)' })
      .min(1)
      .max(52)
      .prefault(1)
      .describe('`2`: every other week.'),
    anchor: field.date.describe('A day on which a sprint ends; fixes which weeks count.'),
  })
  .describe('Releases at the end of a sprint. Paused until someone enables it.');

export const productSchema = z
  .strictObject({
    title: field.line.optional().describe('The name as people know it. Default: the key.'),
    repository,
    path: z
      .union([z.literal(''), field.repositoryPath], { error: 'a folder of the repository, or an empty text' })
      .prefault('')
      .describe('Folder of the product in a monorepo.'),
    include_paths: z
      .array(field.repositoryPath)
      .optional()
      .describe('Further files and folders of the repository whose commits concern the product.'),
    exclude_paths: z
      .array(field.repositoryPath)
      .optional()
      .describe('Files and folders of the repository whose commits do not, though they are inside.'),
    tag_format: field.tagFormat.prefault('v{version}').describe('`{version}`, and `{product}` if you like.'),
    git: gitSchema,
    links: z
      .union(
        [
          z.enum(['auto', 'none', ...Object.keys(LINK_FORMS)]),
          z.strictObject({
            form: z
              .enum(['auto', 'none', ...Object.keys(LINK_FORMS)])
              .prefault('auto')
              .describe('For what is not named here.'),
            commit: field.linkTemplate.optional().describe('Address of a commit, with `{sha}`.'),
            issue: field.linkTemplate.optional().describe('Address of an issue, with `{number}`.'),
            pull: field.linkTemplate.optional().describe('Address of a pull request, with `{number}`.'),
            compare: field.linkTemplate
              .optional()
              .describe('Address of a comparison, with `{from}` and `{to}`.'),
            tag: field.linkTemplate.optional().describe('Address of a tag, with `{tag}`.'),
          }),
        ],
        {
          error: `auto, none, one of ${Object.keys(LINK_FORMS).join(', ')}, or { form, commit, issue, pull, compare, tag }`,
        },
      )
      .prefault('auto')
      .describe(
        "How changelog and notes link. `auto`: by the host's name, and not at all where that says nothing.",
      ),
    breaking_below_one: z
      .enum(BREAKING_BUMPS)
      .prefault('minor')
      .describe('What a breaking change moves below 1.0.0.'),
    release,
    changelog,
    version_files: z
      .array(versionFile)
      .optional()
      .describe(
        "Files that carry the version. Default: those of the product's folder that Windlass knows, such as package.json, pyproject.toml, Cargo.toml or pom.xml; their lock files and modules follow.",
      ),
    registries,
    ...hostSections(field),
    scripts: scriptsSchema(PRODUCT_SCRIPT_NAMES)
      .prefault({})
      .describe("The product's own programs: gates and build."),
    sbom: field.productFile
      .optional()
      .describe(
        'What it is made of (SBOM, CycloneDX JSON), in its folder: a file that the build makes, or `package-lock.json`, from which npm makes one. It is attested with the build, and a file of the release page.',
      ),
    variables: z
      .record(field.variableName, field.variableValue)
      .prefault({})
      .describe('Plain variables for all scripts.'),
    environments: z
      .record(field.environmentName, environmentSchema)
      .prefault({})
      .describe('The stages and production, in their order. None: the product is a library.'),
    gates: gatesSchema,
    policy: policySchema,
    approvals: approvalsSchema,
    critical_paths: z.array(field.line).prefault([]).describe('What QA walks through by hand.'),
    migrations: migrationsSchema,
    state,
    schedule: schedule.optional(),
    severity: z
      .strictObject({
        high_deadline: field.duration
          .prefault(DEFAULT_TIMES.highDeadline)
          .describe('A `high` incident is rolled back after this time.'),
        quick_hotfix: field.duration
          .prefault(DEFAULT_TIMES.quickHotfix)
          .describe('A `medium` one is hotfixed if that takes less.'),
      })
      .prefault({})
      .describe('What incidents lead to.'),
  })
  .describe('A product, by name.');

export type ProductFile = z.output<typeof productSchema>;
