import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STATUS_QUERY } from '../../src/contracts/commands.ts';
import { workflowQueue } from '../../src/contracts/task-queues.ts';
import {
  deployVersionWorkflowId,
  hotfixWorkflowId,
  WORKFLOW_TYPES,
} from '../../src/contracts/workflow-ids.ts';
import type { DeployVersionInput, HotfixInput } from '../../src/contracts/workflows.ts';
import { readManifestDigest } from '../../src/providers/registry/oci/manifest.ts';
import { pushImage } from '../../src/providers/registry/oci/push.ts';
import { type OciRepository, openRepository } from '../../src/providers/registry/oci/registry.ts';
import type { ReleaseRecord } from '../../src/release/record/record.ts';
import { createFileEnvironments, type FileEnvironments } from '../support/environment/file-environments.ts';
import { commitToMain, type GreeterWorld, startGreeterWorld } from '../support/fixture/greeter-world.ts';
import { writeImageLayout } from '../support/fixture/oci-layout.ts';
import { requestOf, startRollback } from '../support/fixture/requests.ts';
import { noteStart } from '../support/note-start.ts';
import {
  type DockerRegistry,
  dockerRegistryInstalled,
  startDockerRegistry,
} from '../support/server/docker-registry.ts';

if (!dockerRegistryInstalled) {
  console.warn('SKIPPED: docker-registry is not installed (apt-get install -y docker-registry)');
}

/** What the team's builder made for each version: a layout for Windlass to push, or the name of what it pushed itself. */
const BUILD = `#!/bin/sh
set -eu
[ ! -e "$IMAGES/$WINDLASS_VERSION" ] || cp -r "$IMAGES/$WINDLASS_VERSION" image
cat "$IMAGES/$WINDLASS_VERSION.json" > "$WINDLASS_OUTPUT"
`;

/** There is no package and no file: what is tested, approved, published, deployed and put back is an image by its digest. */
describe.skipIf(!dockerRegistryInstalled).each([
  { title: 'that Windlass pushes', pushes: 'windlass' },
  { title: 'that its build pushes by itself, with no registry in the configuration', pushes: 'build' },
])('a product with nothing but an image $title', { timeout: 240_000 }, ({ pushes }) => {
  let registry: DockerRegistry;
  let repository: OciRepository;
  let world: GreeterWorld;
  let environments: FileEnvironments;
  const digests = new Map<string, string>();

  beforeAll(async () => {
    registry = await startDockerRegistry();
    const name = `${registry.host}/team/greeter`;
    repository = openRepository({ repository: name, insecure: true });
    let images = '';
    world = await startGreeterWorld((product) => {
      const origin = String(product['repository']);
      images = join(dirname(origin), 'images');
      environments = createFileEnvironments(origin, ['production']);
      commitToMain({ root: dirname(origin), origin }, ['build: an image'], { 'ops/build': BUILD });
      product['scripts'] = { test: 'ops/test', build: 'ops/build' };
      product['variables'] = { IMAGES: images };
      product['release'] = { deployment_strategy: 'rolling' };
      product['environments'] = environments.describe();
      const moving = ['latest', '{major}', '{major}.{minor}'];
      product['registries'] =
        pushes === 'windlass' ? { docker: { repository: name, insecure: true, moving_tags: moving } } : {};
    });
    environments.put('production', '1.0.0');
    mkdirSync(images);
    for (const version of ['1.1.0', '1.2.0', '1.2.1']) {
      const layout = await writeImageLayout(join(images, version), { layers: [randomBytes(2_000)] });
      digests.set(version, layout.digest);
      const own = { image: `${name}@${layout.digest}` };
      if (pushes === 'build')
        await pushImage(repository, { layoutFolder: layout.folder, digest: layout.digest });
      const said = pushes === 'build' ? own : { image_layout: 'image' };
      writeFileSync(join(images, `${version}.json`), JSON.stringify(said));
    }
  });

  afterAll(async () => {
    await world?.stop();
    await registry?.stop();
  });

  const imageOf = (version: string) => `${repository.name}@${digests.get(version)}`;
  const tagAt = async (tag: string) => await readManifestDigest(repository, tag);
  const production = () => [environments.running('production'), environments.image('production')];

  it('goes through whole releases', async () => {
    for (const version of ['1.1.0', '1.2.0']) {
      if (version !== '1.1.0') commitToMain(world, ['feat: greet the moon']);
      await world.start();
      const record = await world.approveEverything(200_000);
      expect(record.outcome, record.ending).toBe('released');
      expect(record.built).toEqual({ image: imageOf(version) });
      // What each script of a step wrote can be read, whole: it deploys, then it verifies.
      expect(record.steps.find(({ id }) => id === 'production.deploy')?.logs).toHaveLength(2);
      expect(production()).toEqual([version, imageOf(version)]);
    }
    if (pushes === 'build') return;
    for (const tag of ['latest', '1', '1.2', '1.2.0'])
      expect(await tagAt(tag), tag).toBe(digests.get('1.2.0'));
  });

  it('goes back to the image before, and what moved goes back or is named', async () => {
    const handle = await startRollback(world, { reason: 'orders are slow' });
    await handle.result();
    const record = await handle.query<ReleaseRecord>(STATUS_QUERY);
    expect(record.outcome, record.ending).toBe('rolled_back');
    expect(production()).toEqual(['1.1.0', imageOf('1.1.0')]);
    if (pushes === 'build') {
      expect(record.remains).toEqual([]);
      return;
    }
    for (const tag of ['latest', '1', '1.1']) expect(await tagAt(tag), tag).toBe(digests.get('1.1.0'));
    expect(await tagAt('1.2')).toBe(digests.get('1.2.0'));
    const { name } = repository;
    expect(record.remains).toEqual([
      `${name}:1.2.0 (${digests.get('1.2.0')}); ${name}:1.2, which still points at 1.2.0`,
    ]);
  });

  it('is deployed alone again, and hotfixed from there', async () => {
    const { client, product } = world;
    // Who approves is not the subject here.
    for (const policy of Object.values(world.installation.products[product]?.policy ?? {}))
      policy.goLiveApprovals = [];
    const taskQueue = workflowQueue(product);
    const deploy: DeployVersionInput = {
      request: { ...requestOf(product), version: '1.2.0' },
      environment: 'production',
    };
    await noteStart(world.installation, world.fixture, 'deployment-production', deploy.request);
    const deployed = await client.workflow.execute(WORKFLOW_TYPES.deployVersion, {
      workflowId: deployVersionWorkflowId(product, 'production'),
      taskQueue,
      args: [deploy],
    });
    expect(deployed).toMatchObject({ outcome: 'completed' });
    expect(production()).toEqual(['1.2.0', imageOf('1.2.0')]);

    const fix = commitToMain(world, ['fix: greet politely (#7)'], { POLITE: 'please' });
    const hotfix: HotfixInput = { request: requestOf(product), commits: [fix], careful: false };
    await noteStart(world.installation, world.fixture, 'hotfix', hotfix.request);
    const fixed = await client.workflow.execute(WORKFLOW_TYPES.hotfix, {
      workflowId: hotfixWorkflowId(product),
      taskQueue,
      args: [hotfix],
    });
    expect(fixed).toMatchObject({ outcome: 'released' });
    expect(production()).toEqual(['1.2.1', imageOf('1.2.1')]);
    if (pushes === 'build') return;
    for (const tag of ['latest', '1', '1.2']) expect(await tagAt(tag), tag).toBe(digests.get('1.2.1'));
  });
});
