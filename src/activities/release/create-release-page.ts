import type { Effect, NewReceipt, ReleaseActivities } from '../../contracts/activities.ts';
import type { GitHubConnection } from '../../providers/host/github/connection.ts';
import type { ReleaseFacts } from '../../providers/host/github/releases.ts';
import {
  createDraftRelease,
  deleteAsset,
  deleteDraftRelease,
  findReleases,
  publishRelease,
  uploadAsset,
} from '../../providers/host/github/releases.ts';
import type { StoreRef } from '../../release/store-ref.ts';
import type { ActivityDeps } from '../deps.ts';
import { findProduct } from '../deps.ts';
import { fail } from '../fail.ts';
import type { Standing } from '../perform-effect.ts';
import { performEffect } from '../perform-effect.ts';
import { connectGitHub } from './connect-github.ts';

type PageInput = Parameters<ReleaseActivities['createReleasePage']>[0];

interface Page {
  deps: ActivityDeps;
  github: GitHubConnection;
  /** The marker by which our own page is known. */
  key: string;
  title: string;
  input: PageInput;
}

/**
 * The release page in four effects, each found again by its marker or digest: a draft, its files, its publication,
 * and the removal of a second draft that a worker may have made that was given up too early.
 */
export function createReleasePage(deps: ActivityDeps): ReleaseActivities['createReleasePage'] {
  return async (input) => {
    const product = findProduct(deps, input.product);
    if (!product.github) {
      throw fail('Mistake', {
        what: `${product.name} has no host with release pages`,
        changed: 'nothing',
        next: 'configure github, then retry',
      });
    }
    const page: Page = {
      deps,
      github: connectGitHub(deps, product.github),
      key: `${input.releaseId}/release-page/${input.tag}`,
      title: `${product.title} ${input.version}`,
      input,
    };
    const receipts: NewReceipt[] = [];
    const keep = <T>(effect: Effect<T>): T => {
      receipts.push(...effect.receipts);
      return effect.value;
    };
    keep(await draft(page));
    for (const asset of input.assets ?? []) keep(await upload(page, asset));
    const value = keep(await publish(page));
    keep(await removeSpareDrafts(page));
    return { value, receipts };
  };
}

/** Our page, drafted or published; the oldest, so that two workers agree on one. */
async function findOurs(page: Page): Promise<ReleaseFacts | undefined> {
  const ours = (await findReleases(page.github, page.input.tag)).filter(({ key }) => key === page.key);
  return ours.find(({ draft }) => !draft) ?? ours[0];
}

async function readForeign(page: Page): Promise<Extract<Standing<never>, { is: 'foreign' }> | undefined> {
  const found = await findReleases(page.github, page.input.tag);
  const foreign = found.find((release) => release.key !== page.key && !release.draft);
  return (
    foreign && {
      is: 'foreign',
      ours: `a page of ${page.input.releaseId}`,
      theirs: `${foreign.url}, made by ${foreign.key ?? 'hand'}`,
      next: 'delete that page if it should be ours and retry; or skip the page',
    }
  );
}

async function draft(page: Page): Promise<Effect<undefined>> {
  const { deps, github, key, input } = page;
  return await performEffect(deps, {
    name: 'release-draft',
    key: `${key}/draft`,
    target: `draft of the release page ${input.tag}`,
    read: async () => {
      const foreign = await readForeign(page);
      if (foreign) return foreign;
      const ours = await findOurs(page);
      return ours ? { is: 'ours', value: undefined, proof: String(ours.id) } : { is: 'absent' };
    },
    write: async () => {
      const notes = (await deps.store.read(input.notes)).toString('utf8');
      await createDraftRelease(github, {
        key,
        tag: input.tag,
        commit: input.tag,
        name: page.title,
        notes: `${notes.trimEnd()}\n\nAudit: \`${input.anchor}\``,
        prerelease: input.prerelease,
      });
    },
  });
}

async function upload(page: Page, asset: { name: string; content: StoreRef }): Promise<Effect<undefined>> {
  const { deps, github, key, input } = page;
  const find = async () => {
    const release = await requireOurs(page);
    return { release, there: release.assets.find(({ name }) => name === asset.name) };
  };
  return await performEffect(deps, {
    name: 'release-asset',
    key: `${key}/${asset.name}`,
    target: `${asset.name} on the release page ${input.tag}`,
    read: async () => {
      const { there } = await find();
      // Half an upload is nobody's: the write clears it away.
      if (!there?.complete) return { is: 'absent' };
      const theirs = there.digest ?? `a file of ${there.size} bytes`;
      const same =
        there.digest === null ? there.size === asset.content.bytes : theirs === asset.content.digest;
      return same
        ? { is: 'ours', value: undefined, proof: theirs }
        : { is: 'foreign', ours: asset.content.digest, theirs };
    },
    write: async () => {
      const { release, there } = await find();
      if (there && !there.complete) await deleteAsset(github, there.id);
      await uploadAsset(github, { release, name: asset.name, bytes: await deps.store.read(asset.content) });
    },
  });
}

async function publish(page: Page): Promise<Effect<{ url: string }>> {
  const { deps, github, key, input } = page;
  return await performEffect(deps, {
    name: 'release-page',
    key,
    target: `release page ${input.tag}`,
    read: async () => {
      const foreign = await readForeign(page);
      if (foreign) return foreign;
      const ours = await findOurs(page);
      return ours && !ours.draft
        ? { is: 'ours', value: { url: ours.url }, proof: ours.url }
        : { is: 'absent' };
    },
    write: async () => {
      const { id } = await requireOurs(page);
      await publishRelease(github, { id, tag: input.tag, makeLatest: !input.prerelease });
    },
  });
}

async function removeSpareDrafts(page: Page): Promise<Effect<undefined>> {
  const { deps, github, key, input } = page;
  const find = async () =>
    (await findReleases(github, input.tag)).filter((release) => release.key === key && release.draft);
  return await performEffect(deps, {
    name: 'release-spare-drafts',
    key: `${key}/spare-drafts`,
    target: `spare drafts of ${input.tag}`,
    read: async () =>
      (await find()).length === 0 ? { is: 'ours', value: undefined, proof: 'none' } : { is: 'absent' },
    write: async () => {
      for (const { id } of await find()) await deleteDraftRelease(github, id);
    },
  });
}

async function requireOurs(page: Page): Promise<ReleaseFacts> {
  const ours = await findOurs(page);
  if (ours) return ours;
  throw fail('Unavailable', {
    what: `the draft of the release page ${page.input.tag} is gone`,
    changed: 'nothing by this step',
    next: 'it is tried again, from a new draft',
  });
}
