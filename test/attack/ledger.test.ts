import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLedger } from '../../src/integrations/ledger/ledger.ts';
import { readLedgerKeys } from '../../src/integrations/ledger/ledger-keys.ts';
import { openStore } from '../../src/workers/open-store.ts';
import { commitToMain, type GreeterWorld, startGreeterWorld } from '../support/fixture/greeter-world.ts';

describe('an installation that keeps a ledger, with nothing sealed', () => {
  let scene: GreeterWorld;

  beforeAll(async () => {
    scene = await startGreeterWorld(undefined, {}, undefined, { keepsLedger: true });
    commitToMain(scene, ['feat: greet in Klingon on request']);
    await scene.start();
    await scene.approveEverything();
  });

  afterAll(async () => {
    await scene?.stop();
  });

  it('releases as one that keeps none, and every role has written down what it did', async () => {
    const record = await scene.record();
    expect(record.ending, JSON.stringify(record.steps.filter(({ failure }) => failure))).toContain(
      'is released',
    );
    const entries = await readEntries(scene);
    expect(entries.map(({ signer, fact }) => `${signer}: ${fact.fact}`)).toEqual([
      'api: started',
      'writer: planned',
      'release: committed',
      'devops: built',
      'qa: gate_ended',
      'release: branch_pushed',
      'release: published',
      'release: merged',
      'release: tagged',
      'release: ended',
    ]);
    expect(entries.every(({ fact }) => fact.releaseId === record.releaseId)).toBe(true);
  });
});

async function readEntries({ installation, fixture }: GreeterWorld) {
  const keys = readLedgerKeys(installation, 'api', () => fixture.signing.privateKey);
  if (!keys) throw new Error('no ledger is kept');
  return await openLedger(await openStore(installation), keys).read(fixture.product);
}
