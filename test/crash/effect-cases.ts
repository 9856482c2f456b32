import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EffectName } from '../../src/activities/effects.ts';
import type { WorkerRole } from '../../src/contracts/task-queues.ts';
import { openGitHub } from '../../src/providers/host/github/connection.ts';
import { createDraftRelease } from '../../src/providers/host/github/releases.ts';
import { publishTarball } from '../../src/providers/registry/npm/registry.ts';
import { tagManifest } from '../../src/providers/registry/oci/manifest.ts';
import { pushImage } from '../../src/providers/registry/oci/push.ts';
import { openRepository } from '../../src/providers/registry/oci/registry.ts';
import { keepLayout } from '../../src/providers/registry/oci/stored-layout.ts';
import { referTo } from '../../src/providers/store/store.ts';
import { madeName, releasedName } from '../../src/release/record/kept-names.ts';
import type { ReleaseRecord } from '../../src/release/record/record.ts';
import { openRecord } from '../../src/release/record/record.ts';
import type { ShownState } from '../../src/release/shown-state.ts';
import type { Built, Publication } from '../../src/release/values.ts';
import { askOrigin, type CrashRun, type Part, PREVIOUS_VERSION, readLedger } from './crash-run.ts';
import { BRANCH, PLANNED_AT, RELEASE_ID, TAG, VERSION } from './template.ts';

/** How one effect is brought about by its activity, and how the world then looks to somebody who only looks. */
export interface EffectCase {
  role: WorkerRole;
  activity: string;
  parts: Part[];
  /** Whether the release branch is pushed already. */
  branched: boolean;
  arrange?(run: CrashRun): Promise<void>;
  input(run: CrashRun): unknown;
  /** Read past Windlass's own reading; the run's own names and addresses are replaced afterwards. */
  look(run: CrashRun): Promise<unknown>;
}

const acting = { product: 'crash', releaseId: RELEASE_ID, version: VERSION };

/** One case for each effect of the program: the type makes a new effect without a case a mistake of compilation. */
export const CASES: Record<EffectName, EffectCase> = {
  'release-branch': {
    ...git('pushReleaseBranch', false),
    input: ({ template, bundle }) => ({
      ...acting,
      branch: BRANCH,
      commit: template.commit,
      base: template.base,
      bundle,
      replaces: [],
    }),
  },
  merge: {
    ...git('mergeRelease', true),
    input: ({ template }) => ({
      ...acting,
      commit: template.commit,
      base: template.base,
      plannedAt: PLANNED_AT,
    }),
  },
  tag: {
    ...git('pushTag', true),
    input: ({ template }) => ({
      ...acting,
      tag: TAG,
      commit: template.commit,
      plannedAt: PLANNED_AT,
      anchor: 'sha256:anchor',
    }),
  },
  'delete-branch': {
    ...git('deleteReleaseBranch', true),
    input: ({ template }) => ({ ...acting, branch: BRANCH, commits: [template.commit] }),
  },
  'state-file': { ...git('updateState', true), input: () => ({ ...acting, record: RECORD, what: 'state' }) },
  'status-file': {
    ...git('updateState', true),
    input: () => ({ ...acting, record: RECORD, what: 'status' }),
  },

  'npm-package': {
    ...npm('publishBuilt'),
    arrange: (run) => publish(run, PREVIOUS_VERSION, 'latest'),
    input: (run) => ({
      ...acting,
      authorization: run.authorization,
      built: {
        registry: 'npm',
        name: run.packageName,
        version: VERSION,
        digest: run.tarball.integrity,
        files: [{ name: 'package.tgz', content: run.tarball.ref }],
      },
    }),
  },
  'npm-dist-tag': { ...npm('moveChannel'), input: npmPublication },
  'npm-staging-tag': { ...npm('moveChannel'), input: npmPublication },
  'npm-deprecation': {
    ...npm('withdrawPublication'),
    input: (run) => ({ ...npmPublication(run), message: 'rolled back' }),
  },

  image: { ...oci('publishBuilt'), input: ociImage },
  'image-tag': { ...oci('publishBuilt'), input: ociImage },
  'image-moving-tag': {
    ...oci('moveChannel'),
    arrange: async (run) => {
      const repository = openRepository({ repository: run.ociRepository, insecure: true });
      await pushImage(repository, run.image);
      await tagManifest(repository, { digest: run.image.digest, tag: VERSION });
    },
    input: (run) => ({
      ...acting,
      publication: {
        registry: 'docker',
        name: run.ociRepository,
        url: `${run.ociRepository}@${run.image.digest}`,
        digest: run.image.digest,
        tags: [VERSION],
      },
    }),
  },

  'registry-publish': {
    ...folderRegistry('publishBuilt'),
    input: (run) => ({ ...acting, authorization: run.authorization, built: folderBuilt(run) }),
  },
  'registry-promote': {
    ...folderRegistry('moveChannel'),
    arrange: publishToFolder,
    input: (run) => ({ ...acting, publication: folderPublication(run) }),
  },
  'registry-withdraw': {
    ...folderRegistry('withdrawPublication'),
    arrange: publishToFolder,
    input: (run) => ({ ...acting, publication: folderPublication(run), message: 'rolled back' }),
  },

  'release-draft': page(),
  'release-asset': page(),
  'release-page': page(),
  'release-spare-drafts': {
    ...page(),
    arrange: async (run) => {
      // As two workers leave it, of which one had been given up.
      for (const _ of [1, 2]) {
        await createDraftRelease(connect(run), {
          key: `${RELEASE_ID}/release-page/${TAG}`,
          tag: TAG,
          commit: TAG,
          name: `Crash ${VERSION}`,
          notes: 'The notes.\n\nAudit: `sha256:anchor`',
          prerelease: false,
        });
      }
    },
  },
  issue: {
    ...host('openIssue'),
    input: () => ({
      ...acting,
      key: `${RELEASE_ID}/issue/rollback`,
      title: 'It broke',
      body: 'See.',
      labels: [],
    }),
    look: listIssues,
  },
  comment: {
    ...host('commentOnPullRequests'),
    arrange: async (run) => {
      await run.github?.addPull({ title: 'a change', author: 'alice', commits: [run.template.base] });
    },
    input: ({ template }) => ({ ...acting, tag: TAG, head: template.base }),
    look: listComments,
  },
  'pull-request': {
    ...host('mergeRelease'),
    branched: true,
    arrange: async (run) => {
      await askOrigin(run, 'push', '--quiet', run.github?.repositoryPath ?? '', 'main', BRANCH);
      run.github?.rulesets.push({
        ...{ id: 1, name: 'by pull request', target: 'branch', include: ['refs/heads/main'] },
        ...{ rules: ['pull_request'], bypass: 'never' },
      });
      // What it is then merged by is the effect `merge`.
      run.github?.setCheckRun(run.template.commit, 'test', null);
    },
    input: requestedMerge,
    look: async (run) => await listRequests(run),
  },

  deployment: deployment('in_progress'),
  'deployment-status': deployment('success'),
  'deployment-superseded': {
    ...deployment('success'),
    arrange: async (run) => {
      await pushToGitHub(run);
      // The version before is what production runs, as far as GitHub was told.
      const call = (path: string, body: object) => callGitHub(run, path, body);
      const payload = { windlass: 'the one before', product: 'crash' };
      const { id } = await call('deployments', { ...EARLIER, ref: run.template.base, payload });
      await call(`deployments/${id}/statuses`, { state: 'success' });
    },
  },

  'issue-file': {
    ...plain('release', 'openIssue', []),
    input: () => ({
      ...acting,
      key: `${RELEASE_ID}/issue/rollback`,
      title: 'It broke',
      body: 'See.',
      labels: ['x'],
    }),
    look: (run) => listStore(run, 'issues/crash/'),
  },
  record: {
    ...plain('release', 'archiveRecord', []),
    input: () => ({ record: RECORD }),
    look: (run) => listStore(run, 'records/crash/'),
  },
  'released-version': {
    ...plain('release', 'archiveRecord', []),
    input: (run) => ({
      record: {
        ...RECORD,
        outcome: 'released',
        commit: run.template.commit,
        // The run's own tarball has its own name in it.
        built: { artifact: { digest: `sha256:${'1'.repeat(64)}`, bytes: 1 } },
      },
    }),
    look: (run) => listStore(run, 'released/crash/'),
  },

  'removed-bytes': {
    ...plain('release', 'pruneStore', []),
    arrange: async ({ store }) => {
      // Three releases, long ago: the newest two stay whatever the retention is.
      for (const [number, version] of ['0.1.0', '0.2.0', '0.3.0'].entries()) {
        const releaseId = `crash-${version}`;
        const artifact = await store.put(Buffer.from(`bytes of ${version}`));
        const write = (name: string, entry: object) =>
          store.putNamed(name, Buffer.from(JSON.stringify(entry)));
        await write(madeName('crash', releaseId), {
          product: 'crash',
          releaseId,
          version,
          parts: [artifact],
        });
        const text = { digest: `sha256:${'0'.repeat(64)}`, bytes: 0 };
        const releasedAt = `2020-01-0${number + 1}T00:00:00.000Z`;
        const kept = { version, releaseId, releasedAt, commit: '', artifact, notes: text, changelog: text };
        await write(releasedName('crash', version), kept);
      }
    },
    input: () => acting,
    look: async (run) => [
      JSON.stringify(await listStore(run, 'released/crash/')).replace(
        /20[2-9]\d-[\d-]+T[\d:.]+Z(?=\\",\\n *\\"policy)/g,
        'then',
      ),
      await listStore(run, 'made/crash/'),
      await Promise.all(
        ['0.1.0', '0.2.0', '0.3.0'].map((version) =>
          run.store.has(referTo(Buffer.from(`bytes of ${version}`))),
        ),
      ),
    ],
  },

  'environment-history': {
    ...plain('release', 'noteHistory', []),
    input: (run) => ({
      entry: {
        product: 'crash',
        environment: 'production',
        releaseId: RELEASE_ID,
        at: PLANNED_AT,
        generation: 1,
        event: 'went_live',
        version: VERSION,
        commit: run.template.commit,
      },
    }),
    look: (run) => listStore(run, 'history/crash/production/'),
  },

  'notice-file': {
    ...plain('support', 'notify', []),
    input: () => notice('ceo'),
    look: async (run) => {
      const file = join(run.folder, 'notices.jsonl');
      const lines = existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
      return lines.map((line) => ({ ...(JSON.parse(line) as object), time: 'then' }));
    },
  },
  slack: { ...plain('support', 'notify', ['notices']), input: () => notice('by_slack'), look: listPosts },
  webhook: { ...plain('support', 'notify', ['notices']), input: () => notice('by_hook'), look: listPosts },
  mail: {
    ...plain('support', 'notify', ['notices']),
    input: () => notice('by_mail'),
    look: async (run) =>
      run.smtp?.mails.map(({ to, source }) => ({ to, id: /^Message-ID: (.*)$/im.exec(source)?.[1] })),
  },

  'script-backup': script('backup'),
  'script-deploy': script('deploy'),
  'script-migrate': script('migrate'),
  'script-traffic': script('traffic'),
  'script-rollback': script('rollback'),
  'script-restore': script('restore'),
};

const RECORD: ReleaseRecord = {
  ...openRecord(
    'release',
    {
      releaseId: RELEASE_ID,
      product: 'crash',
      bump: 'auto',
      requestedBy: 'cleo',
      requestedAt: PLANNED_AT,
      via: 'api',
    },
    'Crash',
    PLANNED_AT,
  ),
  plan: {
    type: 'minor',
    version: VERSION,
    previousVersion: '1.0.0',
    tag: TAG,
    branch: BRANCH,
    base: '0'.repeat(40),
    plannedAt: PLANNED_AT,
    planHash: 'p',
    highlights: '',
    changelog: { digest: `sha256:${'0'.repeat(64)}`, bytes: 0 },
    notes: { digest: `sha256:${'0'.repeat(64)}`, bytes: 0 },
    included: [],
    includedTotal: 0,
    reasons: [],
    warnings: [],
    concerns: [],
  },
};

type Bare = Pick<EffectCase, 'role' | 'activity' | 'parts' | 'branched'>;

function plain(role: WorkerRole, activity: string, parts: Part[]): Bare {
  return { role, activity, parts, branched: true };
}

/** Every ref with the object that it points at, and the state files: ids are a function of the release. */
function git(activity: string, branched: boolean): Bare & Pick<EffectCase, 'look'> {
  return {
    ...plain('release', activity, []),
    branched,
    look: async (run) => ({
      refs: (await askOrigin(run, 'for-each-ref', '--format=%(refname) %(objecttype) %(objectname)')).split(
        '\n',
      ),
      commits: (await askOrigin(run, 'rev-list', '--count', '--all')).trim(),
      state: await askOrigin(run, 'show', 'main:state.yml'),
      status: await askOrigin(run, 'show', 'main:release-status.yaml'),
    }),
  };
}

function npm(activity: string): Bare & Pick<EffectCase, 'look' | 'arrange'> {
  return {
    ...plain('release', activity, ['npm']),
    arrange: async (run) => {
      await publish(run, PREVIOUS_VERSION, 'latest');
      await publish(run, VERSION, `windlass-${VERSION}`);
    },
    look: async (run) => {
      const answer = await fetch(`${run.npmUrl}${run.packageName.replace('/', '%2f')}`);
      const document = (await answer.json()) as {
        versions: Record<string, { dist: { integrity: string }; deprecated?: string }>;
        'dist-tags': Record<string, string>;
        _attachments?: object;
      };
      return {
        tags: document['dist-tags'],
        versions: Object.entries(document.versions).map(([version, { dist, deprecated }]) => ({
          version,
          deprecated,
          bytesAreOurs: dist.integrity === run.tarball.integrity,
        })),
        files: Object.keys(document._attachments ?? {}),
      };
    },
  };
}

async function publish(run: CrashRun, version: string, tag: string): Promise<void> {
  await publishTarball({
    registry: run.npmUrl,
    token: readFileSync(join(run.folder, 'secrets', 'npm_token'), 'utf8'),
    file: join(run.folder, `${version}.tgz`),
    tag,
    access: 'public',
  });
}

function npmPublication(run: CrashRun): object {
  return {
    ...acting,
    publication: {
      registry: 'npm',
      name: run.packageName,
      url: run.npmUrl,
      digest: run.tarball.integrity,
      tags: [`windlass-${VERSION}`],
    },
  };
}

function oci(activity: string): Bare & Pick<EffectCase, 'look'> {
  return {
    ...plain('release', activity, ['oci']),
    look: async (run) => {
      const [host, ...path] = run.ociRepository.split('/');
      const base = `http://${host}/v2/${path.join('/')}`;
      const { tags } = (await (await fetch(`${base}/tags/list`)).json()) as { tags: string[] | null };
      const held: Record<string, string | null> = {};
      for (const tag of [...(tags ?? []), run.image.digest].sort()) {
        const head = await fetch(`${base}/manifests/${tag}`, {
          method: 'HEAD',
          headers: { accept: 'application/vnd.oci.image.manifest.v1+json' },
        });
        held[tag] = head.headers.get('docker-content-digest');
      }
      return held;
    },
  };
}

/** A registry by a program of the product, which notes everything that it is told to do. */
function folderRegistry(activity: string): Bare & Pick<EffectCase, 'look'> {
  return {
    ...plain('release', activity, ['script']),
    look: async (run) => {
      const read = (name: string) => {
        const file = join(run.folder, 'ledger', 'registry', name);
        return existsSync(file) ? readFileSync(file, 'utf8') : '';
      };
      return { acts: read('acts.jsonl'), channels: read('channels.json') };
    },
  };
}

function folderBuilt({ tarball }: CrashRun): Built {
  const files = [{ name: 'crash-1.1.0.tgz', content: tarball.ref }];
  return { registry: 'folder', name: 'crash', version: VERSION, digest: tarball.ref.digest, files };
}

function folderPublication({ tarball }: CrashRun): Publication {
  return { registry: 'folder', name: 'crash', url: '', digest: tarball.ref.digest, tags: [VERSION] };
}

async function publishToFolder(run: CrashRun): Promise<void> {
  const folder = join(run.folder, 'ledger', 'registry', VERSION);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'crash-1.1.0.tgz'), await run.store.read(run.tarball.ref));
}

async function ociImage(run: CrashRun): Promise<object> {
  const kept = await keepLayout(run.store, run.image.layoutFolder);
  return {
    ...acting,
    authorization: run.authorization,
    built: {
      registry: 'docker',
      name: run.ociRepository,
      version: VERSION,
      digest: kept.digest,
      files: [],
      image: { repository: run.ociRepository, digest: kept.digest, layout: kept.layout },
    },
  };
}

function requestedMerge({ template: { commit, base } }: CrashRun) {
  return { ...acting, commit, base, branch: BRANCH, plannedAt: PLANNED_AT };
}

async function listRequests({ github }: CrashRun): Promise<unknown> {
  const { apiUrl = '', token = '' } = github ?? {};
  const query = `state=all&head=team:${BRANCH}`;
  const headers = { authorization: `Bearer ${token}` };
  const answer = await fetch(`${apiUrl}/repos/team/shop/pulls?${query}`, { headers });
  const found = (await answer.json()) as { title: string; body: string }[];
  return found.map(({ title, body }) => [title, body]);
}

function host(activity: string): Bare {
  return plain('release', activity, ['github']);
}

function page(): EffectCase {
  return {
    ...host('createReleasePage'),
    input: async (run: CrashRun) => ({
      ...acting,
      tag: TAG,
      notes: await run.store.put(Buffer.from('The notes.\n')),
      prerelease: false,
      anchor: 'sha256:anchor',
      assets: [{ name: 'crash.tgz', content: await run.store.put(Buffer.from('the package')) }],
    }),
    look: async (run) =>
      run.github?.releases.map(({ tag_name, name, body, draft, assets }) => ({
        tag_name,
        name,
        body,
        draft,
        assets: assets.map((asset) => [asset.name, asset.content.toString()]),
      })),
  };
}

function connect(run: CrashRun) {
  if (!run.github) throw new Error('this run has no host');
  const { apiUrl, token, owner, repo } = run.github;
  return openGitHub({ apiUrl, token, owner, repo });
}

async function listIssues(run: CrashRun): Promise<unknown> {
  const issues = (await run.github?.call('alice', 'GET', '/repos/team/shop/issues?state=all')) as {
    title: string;
    body: string;
  }[];
  return issues.map(({ title, body }) => ({ title, body }));
}

/** Of all pull requests; issues and pull requests share their numbers. */
async function listComments(run: CrashRun): Promise<unknown> {
  const call = (path: string) => run.github?.call('alice', 'GET', `/repos/team/shop/${path}`);
  const listed = (await call('issues?state=all')) as { number: number; pull_request?: object }[];
  const pulls = listed.filter(({ pull_request }) => pull_request !== undefined);
  return await Promise.all(
    pulls.map(async ({ number }) => {
      const comments = (await call(`issues/${number}/comments`)) as { body: string }[];
      return [number, ...comments.map(({ body }) => body)];
    }),
  );
}

const EARLIER = { environment: 'production', auto_merge: false, required_contexts: [] };

function deployment(state: ShownState): EffectCase {
  return {
    ...host('showDeployment'),
    arrange: pushToGitHub,
    input: ({ template }) => ({
      ...acting,
      environment: 'production',
      commit: template.base,
      round: '1',
      state,
    }),
    look: async (run) =>
      run.github?.deployments.map(({ sha, environment, payload, statuses }) => ({
        sha,
        environment,
        payload,
        statuses: statuses.map((status) => [status.state, status.environment_url, status.description]),
      })),
  };
}

/** GitHub refuses a deployment of what it has not. */
async function pushToGitHub(run: CrashRun): Promise<void> {
  await askOrigin(run, 'push', '--quiet', run.github?.repositoryPath ?? '', 'main');
}

async function callGitHub(run: CrashRun, path: string, body: object): Promise<{ id: number }> {
  const { apiUrl = '', token = '' } = run.github ?? {};
  const answer = await fetch(`${apiUrl}/repos/team/shop/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return (await answer.json()) as { id: number };
}

async function listStore(run: CrashRun, prefix: string): Promise<unknown> {
  const names = await run.store.listNamed(prefix);
  return await Promise.all(names.map(async (name) => [name, (await run.store.readNamed(name))?.toString()]));
}

function notice(channel: string): object {
  return { ...acting, id: `${RELEASE_ID}/complete`, channel, subject: 'Released', text: 'It is out.' };
}

async function listPosts(run: CrashRun): Promise<unknown> {
  return run.recorder?.requests.map(({ path, body, headers }) => ({ path, body, id: headers['webhook-id'] }));
}

function script(name: string): EffectCase {
  return {
    ...plain('devops', 'runEnvironmentScript', []),
    input: (run) => ({
      ...acting,
      environment: 'production',
      script: name,
      target: 'production',
      commit: run.template.commit,
      bundle: run.bundle,
      artifact: run.tarball.ref,
      image: `example.test/crash@${run.image.digest}`,
      strategy: 'rolling',
      generation: 1,
      backup: 'b1',
      percent: 100,
      slot: 'green',
      authorization: run.authorization,
    }),
    look: async (run) => readLedger(run),
  };
}
