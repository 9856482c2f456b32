import type { DemoFixture } from './fixture.ts';

/** The `ledger` of a `windlass.yaml`, and the secrets that it names; nothing in either for a fixture from before it. */
export function describeLedger({ ledger }: Pick<DemoFixture, 'ledger'>) {
  const keys = Object.entries(ledger ?? {});
  return {
    section:
      keys.length === 0
        ? {}
        : {
            ledger: {
              keys: keys.map(([role, { publicKey }]) => ({
                key_id: `demo-${role}`,
                role,
                public_key: publicKey,
                private_key: nameSecret(role),
              })),
            },
          },
    /** What each file of a secret holds, and which role may read it. */
    secrets: Object.fromEntries(
      keys.map(([role, { privateKey }]) => [nameSecret(role), { value: privateKey, roles: [role] }]),
    ),
  };
}

function nameSecret(role: string): string {
  return `ledger_${role}`;
}
