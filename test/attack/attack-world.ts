import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createDevopsActivities } from '../../src/activities/devops/index.ts';
import { createQaActivities } from '../../src/activities/qa/index.ts';
import { createReleaseActivities } from '../../src/activities/release/index.ts';
import { createSupportActivities } from '../../src/activities/support/index.ts';
import { createWriterActivities } from '../../src/activities/writer/index.ts';
import type { Authorization } from '../../src/contracts/activities.ts';
import type { Command } from '../../src/contracts/commands.ts';
import type { WorkerRole } from '../../src/contracts/task-queues.ts';
import { signCommand } from '../../src/integrations/signing/signing.ts';
import { ENVIRONMENT_SCRIPT_NAMES, type PersonRole } from '../../src/release/settings.ts';
import { type SubjectParts, subjectOf } from '../../src/release/subject.ts';
import { REGISTRY } from '../crash/template.ts';
import { personWith } from '../support/fixture/demo.ts';
import { openRoleLedger, openRoleRig } from '../support/fixture/role-rig.ts';

/** Every script of an environment: what it did is a line of the environment's own file. */
const ACT = `#!/bin/sh
set -eu
case $1 in
  test | e2e | smoke | verify) exit 0 ;;
  build) cp package.json built.json; printf '{"artifact":"built.json"}' > "$WINDLASS_OUTPUT"; exit 0 ;;
esac
mkdir -p "$WORLD"
# As a supervisor does: who comes with an older generation than was seen has lost the environment.
seen=$(cat "$WORLD/generation" 2>/dev/null || echo 0)
if [ "$WINDLASS_GENERATION" -lt "$seen" ]; then echo "generation $seen has the environment" >&2; exit 1; fi
echo "$WINDLASS_GENERATION" > "$WORLD/generation"
if [ "$1" = status ]; then
  running=$(cat "$WORLD/running" 2>/dev/null || echo 1.0.0)
  done=false
  grep -qs " $WINDLASS_EFFECT_KEY\\$" "$WORLD/acts" && done=true
  printf '{"version":"%s","effects":{"%s":{"done":%s}}}' "$running" "$WINDLASS_EFFECT_KEY" "$done" > "$WINDLASS_OUTPUT"
  exit 0
fi
printf '%s %s %s %s\\n' "$1" "\${WINDLASS_VERSION:-}" "$WINDLASS_COMMIT" "\${WINDLASS_EFFECT_KEY:-}" >> "$WORLD/acts"
case $1 in deploy | rollback) echo "$WINDLASS_VERSION" > "$WORLD/running" ;; esac
printf '{"backup":"backup-%s"}' "\${WINDLASS_VERSION:-}" > "$WINDLASS_OUTPUT"
`;

export type AttackWorld = Awaited<ReturnType<typeof openAttackWorld>>;

/**
 * A product with origin, registry, two environments, state files and notices, and the activities of every role as a
 * worker runs them. Whoever has the Temporal namespace can call each of them, with any input: that is what `call` does.
 * Nothing is sealed here, so that only policy and ledger stand in the way.
 */
export async function openAttackWorld() {
  const environment = (name: string) => ({
    url: 'http://127.0.0.1:1',
    checks: [
      { name: 'errors', kind: 'ratio', source: { script: { run: ['ops/act', 'measure'], timeout: '20s' } } },
    ],
    scripts: Object.fromEntries(ENVIRONMENT_SCRIPT_NAMES.map((script) => [script, ['ops/act', script]])),
    variables: { WORLD: `WORLD_FOLDER/${name}` },
  });
  const rig = await openRoleRig(
    {
      scripts: { test: ['ops/act', 'test'], build: ['ops/act', 'build'] },
      registries: { folder: { kind: 'script', run: 'ops/registry', variables: { LEDGER: 'WORLD_FOLDER' } } },
      environments: { staging: environment('staging'), production: environment('production') },
    },
    {},
    { keepsLedger: true, channels: { ceo: [{ file: './notices.jsonl' }] } },
  );
  const world = join(rig.root, 'world');
  await mkdir(world);
  // The folder is known only now: as the operator would write it.
  const product = rig.installation.products['lib'];
  if (!product) throw new Error('the rig has no product');
  const text = JSON.stringify(product).replaceAll('WORLD_FOLDER', world);
  rig.installation.products['lib'] = JSON.parse(text) as typeof product;

  await rig.commit(
    'feat: begin',
    {
      'package.json': '{\n  "name": "lib",\n  "version": "1.0.0"\n}\n',
      'ops/act': ACT,
      'ops/registry': REGISTRY,
      'state.yml': 'products: {}\n',
    },
    'v1.0.0',
  );
  const roles: Record<WorkerRole, Record<string, unknown>> = {
    release: { ...createReleaseActivities(rig.deps('release')) },
    writer: { ...createWriterActivities(rig.deps('writer')) },
    qa: { ...createQaActivities(rig.deps('qa')) },
    devops: { ...createDevopsActivities(rig.deps('devops')) },
    support: { ...createSupportActivities(rig.deps('support'), undefined as never) },
  };
  const ledgerOf = (signer: 'api' | WorkerRole) => {
    const ledger = openRoleLedger(rig.installation, rig.store, signer);
    if (!ledger) throw new Error('no ledger is kept');
    return ledger;
  };
  return {
    ...rig,
    roles,
    ledgerOf,
    /** Calls an activity as a role's worker would, on whatever somebody put into its queue. */
    call: async (role: WorkerRole, activity: string, input: unknown) => {
      const run = roles[role][activity] as ((input: unknown) => Promise<unknown>) | undefined;
      if (!run) throw new Error(`${role} has no activity ${activity}`);
      return await run(structuredClone(input));
    },
    /** Approvals as the API signs them, of people who may give them. */
    approve: (
      parts: SubjectParts,
      releaseId: string,
      roles: PersonRole[],
      more: Partial<Command> = {},
    ): Authorization => ({
      parts,
      requestedBy: 'somebody',
      authors: [],
      decisions: roles.map((role) =>
        signCommand(
          {
            nonce: randomUUID(),
            name: 'approve',
            product: 'lib',
            releaseId,
            gate: 'go_live',
            subject: subjectOf(parts),
            person: personWith(rig.fixture, role).name,
            role,
            issuedAt: new Date().toISOString(),
            validUntil: new Date(Date.now() + 3_600_000).toISOString(),
            ...more,
          },
          rig.fixture.signing,
        ),
      ),
    }),
    /** Everything that anybody outside sees, as one text: two that are equal mean that nothing happened. */
    look: async () => {
      const refs = execFileSync('git', ['-C', rig.origin, 'for-each-ref'], { encoding: 'utf8' });
      const files = await Promise.all([world, join(rig.root, 'store', 'named'), rig.root].map(readTree));
      return JSON.stringify([refs, ...files], undefined, 1);
    },
  };
}

/** All files below a folder with their texts; of the world's root only the notices, since mirrors come and go. */
async function readTree(folder: string): Promise<[string, string][]> {
  const isRoot = !/world$|named$/.test(folder);
  const names = await readdir(folder, { recursive: !isRoot, withFileTypes: true }).catch(() => []);
  const files = names
    .filter((entry) => entry.isFile() && (!isRoot || entry.name === 'notices.jsonl'))
    .map((entry) => join(entry.parentPath, entry.name))
    // What the attacker did to the ledger is looked at on its own: an entry alone changes nothing outside.
    .filter((file) => !file.includes('/named/ledger/'))
    .sort();
  return await Promise.all(
    files.map(
      async (file): Promise<[string, string]> => [file.slice(folder.length), await readFile(file, 'utf8')],
    ),
  );
}
