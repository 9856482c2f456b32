import { describe, expect, it } from 'vitest';
import type { Command, SignedCommand } from '../../src/contracts/commands.ts';
import { readCommand } from '../../src/contracts/inbound/read-command.ts';
import type { CommandCheck } from '../../src/contracts/release-answers.ts';
import { Inbox } from '../../src/workflows/commands/inbox.ts';
import type { RoleActivities } from '../../src/workflows/shared/role-activities.ts';

const command: Command = {
  nonce: 'n-1',
  name: 'dismiss',
  product: 'shop',
  releaseId: 'shop-1',
  person: 'ben',
  reason: 'harmless',
  incidentId: 'inc-1',
  issuedAt: '2026-11-27T10:00:00.000Z',
  validUntil: '2026-11-28T10:00:00.000Z',
};
const sealed = (signature: string): SignedCommand => ({
  signed: JSON.stringify(command),
  keyId: 'k',
  signature,
});

/** An inbox whose verification answers as it is told to; the real one is the worker's, tested there. */
function openInbox(answer: () => CommandCheck): Inbox {
  const release = () => ({ verifyCommand: async () => answer() });
  return new Inbox({ release } as unknown as RoleActivities, { product: 'shop', releaseId: 'shop-1' });
}

/** One way in, for the release, its deployments and the incidents of what is long live. */
describe('the inbox', () => {
  it('says of whom a signed command is, and counts it once however often it is delivered', async () => {
    const inbox = openInbox(() => ({ command }));
    expect(await inbox.admit(readCommand('dismiss', sealed('a')))).toMatchObject({
      taken: { name: 'dismiss', by: 'ben', verified: true, incidentId: 'inc-1' },
    });
    // The API signs each delivery anew: the same wish. The same bytes were copied by somebody.
    expect(await inbox.admit(readCommand('dismiss', sealed('b')))).toBe('counted_before');
    expect(await inbox.admit(readCommand('dismiss', sealed('a')))).toMatchObject({ fault: 'replayed' });
  });

  it('refuses what is signed for something else, unsigned, or no command at all', async () => {
    const inbox = openInbox(() => ({ command }));
    expect(await inbox.admit(readCommand('rollback', sealed('a')))).toMatchObject({ fault: 'other_command' });
    expect(await inbox.admit(readCommand('dismiss', { person: 'mallory' }))).toMatchObject({
      refused: { by: 'mallory (unverified)' },
      fault: 'unsigned',
    });
    expect(await inbox.admit(readCommand('dismiss', [1]))).toMatchObject({ fault: 'malformed' });
    expect(await inbox.admit(readCommand('incident', { person: 'pager', severity: 'high' }))).toMatchObject({
      taken: { verified: false, severity: 'high' },
    });
  });

  it('refuses, and goes on, while nothing can be verified', async () => {
    const inbox = openInbox(() => {
      throw new Error('no worker');
    });
    const answer = await inbox.admit(readCommand('dismiss', sealed('a')));
    expect(answer).toMatchObject({ refused: { reason: expect.stringContaining('could not be checked') } });
    expect(answer).not.toHaveProperty('fault');
  });
});
