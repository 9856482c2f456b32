import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import type { Command, CommandName } from '../../src/contracts/commands.ts';
import { STATUS_QUERY } from '../../src/contracts/commands.ts';
import { workflowQueue } from '../../src/contracts/task-queues.ts';
import { hotfixWorkflowId, WORKFLOW_TYPES } from '../../src/contracts/workflow-ids.ts';
import type { HotfixInput } from '../../src/contracts/workflows.ts';
import { personWith } from '../../src/demo/plot.ts';
import { signCommand } from '../../src/integrations/signing/signing.ts';
import { openGate, type ReleaseRecord } from '../../src/release/record.ts';
import type { ReleaseWorld } from './release-world.ts';
import { waitFor } from './temporal-server.ts';

/** A colleague at a clone of the product's repository. */
export interface Colleague {
  git(...args: string[]): string;
  /** Commits one file's new text on the branch that is checked out; gives the commit's id. */
  commit(file: string, text: string, message: string): string;
}

/** Clones the world's origin into a folder of that name. */
export function startColleague(scene: ReleaseWorld, name: string): Colleague {
  const clone = join(scene.world.folders.root, name);
  execFileSync('git', ['clone', '--quiet', scene.world.folders.origin, clone]);
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', clone, '-c', 'user.name=Ola', '-c', 'user.email=ola@example.test', ...args], {
      encoding: 'utf8',
    }).trim();
  return {
    git,
    commit: (file, text, message) => {
      writeFileSync(join(clone, file), text);
      git('add', file);
      git('commit', '--quiet', '-m', message);
      return git('rev-parse', 'HEAD');
    },
  };
}

/** What people do about a hotfix in flight. */
export interface HotfixScene {
  handle: WorkflowHandle;
  record(): Promise<ReleaseRecord>;
  until(what: string, reached: (record: ReleaseRecord) => boolean, limitMs?: number): Promise<ReleaseRecord>;
  /** The approval on the fast track. */
  approve(): Promise<void>;
  retry(): Promise<void>;
}

/** Starts a hotfix of the world's product. */
export async function startHotfix(
  scene: ReleaseWorld,
  wanted: Omit<HotfixInput, 'request'>,
): Promise<HotfixScene> {
  const input: HotfixInput = {
    request: {
      releaseId: `${scene.product}-20261121-${randomUUID().slice(0, 6)}`,
      product: scene.product,
      bump: 'patch',
      requestedBy: 'cleo',
      requestedAt: new Date().toISOString(),
      via: 'api',
    },
    ...wanted,
  };
  const handle = await scene.client.workflow.start(WORKFLOW_TYPES.hotfix, {
    workflowId: hotfixWorkflowId(scene.product),
    taskQueue: workflowQueue(scene.product),
    args: [input],
  });
  const record = async () => await handle.query<ReleaseRecord>(STATUS_QUERY);
  const send = async (name: CommandName, more: Partial<Command>) => {
    const now = Date.now();
    const command: Command = {
      nonce: randomUUID(),
      name,
      product: scene.product,
      releaseId: input.request.releaseId,
      person: personWith(scene.world.plot, 'on_call').name,
      role: 'on_call',
      issuedAt: new Date(now).toISOString(),
      validUntil: new Date(now + 3_600_000).toISOString(),
      ...more,
    };
    await handle.signal(name, signCommand(command, scene.world.plot.signing));
  };
  return {
    handle,
    record,
    until: async (what, reached, limitMs = 120_000) =>
      await waitFor(
        what,
        async () => {
          const now = await record();
          if (reached(now)) return now;
          if (now.outcome) throw new Error(`the hotfix ended instead of "${what}": ${now.ending}`);
          return undefined;
        },
        limitMs,
      ),
    approve: async () => {
      const gate = openGate(await record(), 'hotfix');
      await send('approve', { gate: 'hotfix', subject: gate?.subject ?? '' });
    },
    retry: async () => await handle.signal('retry', { person: 'ola' }),
  };
}
