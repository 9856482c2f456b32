import { reviewAuthorization } from '../../../src/activities/policy/authorize.ts';
import { verifyCommand } from '../../../src/activities/release/verify-command.ts';
import type { ReleaseActivities } from '../../../src/contracts/activities.ts';
import type { ReleasedVersion } from '../../../src/contracts/release-answers.ts';
import { calendarOf } from '../../../src/release/calendar/calendar-of.ts';
import { digestOf } from '../../../src/release/digest.ts';
import { findMade, findTakenBack, versionBefore } from '../../../src/release/record/environment-history.ts';
import type { Publication } from '../../../src/release/values.ts';
import { effect, faulty } from './faulty.ts';
import { type ModelWorld, madeOf, ref, sha } from './model-world.ts';

/** Git, registry, state files and issues, as one product's world has them. */
export function describeReleaseActivities(world: ModelWorld): Partial<ReleaseActivities> {
  const deps = world?.depsOf('release');
  return {
    ...looks(world),
    verifyCommand: deps && verifyCommand(deps),
    reviewAuthorization: deps && reviewAuthorization(deps),
    noteHistory: async ({ entry }) => {
      world.once(`history/${entry.releaseId}/${entry.event}/${entry.version}/${entry.generation}`, () =>
        world.history.push(entry),
      );
      return { name: 'entry' };
    },
    commitRelease: async ({ plan }) =>
      await faulty(world, 'commitRelease', () => ({
        commit: sha(plan.planHash),
        bundle: ref(plan.planHash),
      })),
    pushReleaseBranch: async ({ branch, releaseId, commit }) =>
      await faulty(world, 'pushReleaseBranch', () =>
        effect(world, `${releaseId}/push/${branch}/${commit}`, () => ({ ref: branch })),
      ),
    publishBuilt: async ({ version, built, releaseId, authorization }) =>
      await faulty(world, 'publishBuilt', () => {
        world.checkDecided('a publication', authorization, { version, artifact: built.digest });
        return effect(world, `${releaseId}/publish/${version}/${built.digest}`, (): Publication => {
          const before = world.published.get(version);
          world.check(before === undefined, `${version} is published twice: by ${before} and ${releaseId}`);
          world.published.set(version, releaseId);
          const { name, digest } = built;
          return { registry: 'npm', name, url: 'http://127.0.0.1:1', digest, tags: [`windlass-${version}`] };
        });
      }),
    verifyPublication: async () => await faulty(world, 'verifyPublication', () => ({ proof: 'fetched' })),
    mergeRelease: async ({ releaseId, commit }) =>
      await faulty(world, 'mergeRelease', () =>
        effect(world, `${releaseId}/merge/${commit}`, () => ({ mergeCommit: sha(`merge of ${commit}`) })),
      ),
    pushTag: async ({ releaseId, version, commit }) =>
      await faulty(world, 'pushTag', () =>
        effect(world, `${releaseId}/tag/${version}`, () => {
          world.check(!world.tags.has(version), `the tag of ${version} was there, and was moved`);
          world.tags.set(version, commit);
          return { tagObject: sha(`tag ${version}`) };
        }),
      ),
    moveChannel: async ({ releaseId, version, publication, insteadOf }) =>
      await faulty(world, 'moveChannel', () =>
        effect(world, `${releaseId}/latest/${version}`, () => {
          if (insteadOf === undefined || world.latest === insteadOf) world.latest = version;
          return { ...publication, tags: ['latest'] };
        }),
      ),
    deleteReleaseBranch: async ({ releaseId, branch }) =>
      effect(world, `${releaseId}/delete/${branch}`, () => ({ ref: branch })),
    withdrawPublication: async ({ releaseId, version }) =>
      effect(world, `${releaseId}/withdraw/${version}`, () => ({ remains: `${version}, deprecated` })),
    updateState: async ({ releaseId, what, record }) =>
      effect(world, `${releaseId}/${what}/${record.outcome}`, () => ({ commit: sha(what), file: what })),
    openIssue: async ({ key }) => effect(world, key, () => ({ url: 'http://127.0.0.1:1/issue' })),
    keepTrail: async () => ref('trail'),
    archiveRecord: async () => ({ name: 'record' }),
  } as Partial<ReleaseActivities>;
}

function looks(world: ModelWorld): Partial<ReleaseActivities> {
  return {
    loadProduct: async () => world.settings,
    lookAtCalendar: async ({ environment }) => {
      const found = world.settings.environments.find(({ name }) => name === environment);
      return { digest: digestOf(calendarOf(found)) };
    },
    checkReadiness: async () => {
      const previousVersion = newestTag(world);
      return {
        base: sha(`after ${previousVersion}`),
        previousVersion,
        previousTag: `v${previousVersion}`,
        blockers: [],
        looked: ['everything'],
        hasHost: false,
      };
    },
    findRolledBack: async () => ({ versions: [] }),
    findReleased: async ({ version, before }) => {
      const wanted =
        version ?? (before ? versionBefore(world.history, before.running) : undefined) ?? newestTag(world);
      return describeVersion(world, wanted);
    },
  };
}

function newestTag(world: ModelWorld): string {
  return [...world.tags.keys()].at(-1) ?? '1.0.0';
}

function describeVersion(world: ModelWorld, version: string): ReleasedVersion {
  const made = findMade(world.history, version);
  const { type, commit, artifact } = madeOf(version);
  const digest = (made?.artifact ?? artifact).digest;
  return {
    version,
    tag: `v${version}`,
    commit: made?.commit ?? world.tags.get(version) ?? commit,
    type,
    artifact: made?.artifact ?? artifact,
    ...(findTakenBack(world.history, version) ? { takenBack: true as const } : {}),
    publications: [{ registry: 'npm', name: 'model', url: 'http://127.0.0.1:1', digest, tags: [] }],
  };
}
