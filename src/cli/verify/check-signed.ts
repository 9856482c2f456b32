/** What others signed of a release, and the bytes that they signed: attestations, the store, people's approvals. */
import { readAttestation } from '../../integrations/attestation/attestations.ts';
import type { LedgerVerifyKey } from '../../integrations/ledger/ledger.ts';
import { verifySigned } from '../../integrations/signing/signing.ts';
import type { Store } from '../../providers/store/store.ts';
import type { Decision } from '../../release/approvals.ts';
import { listBytes } from '../../release/attestation/check-release.ts';
import type { LedgerRelease } from '../../release/attestation/find-release.ts';
import type { Finding } from '../../release/attestation/finding.ts';
import { digestOf } from '../../release/digest.ts';
import type { LedgerEntry } from '../../release/ledger/entry.ts';
import { listSubjects } from '../../release/ledger/list-subjects.ts';
import { recordName, releasedName } from '../../release/record/kept-names.ts';
import type { ReleaseRecord } from '../../release/record/record.ts';

/** The attestations of the build and of its gates: signature, role, subjects, commit. */
export async function checkAttestations(
  store: Store,
  keys: readonly LedgerVerifyKey[],
  { build }: LedgerRelease,
): Promise<Finding[]> {
  if (build === undefined) return [];
  const check = async (entry: LedgerEntry, what: string): Promise<Finding> => {
    const about = `attestation ${what}`;
    try {
      const envelope = await readAttestation(store, keys, entry);
      return envelope === undefined
        ? { about, state: 'unknown', says: `Entry ${entry.number} of the ledger has none in the store.` }
        : {
            about,
            state: 'holds',
            says: `Signed by ${entry.signer}; its subjects are those of entry ${entry.number}.`,
          };
    } catch (error) {
      return { about, state: 'broken', says: (error as Error).message };
    }
  };
  return await Promise.all([
    check(build.build, 'build'),
    ...build.gates.map((entry) =>
      check(entry, `gate ${entry.fact.fact === 'gate_ended' ? entry.fact.gate : ''}`),
    ),
  ]);
}

/** Whether the store still has what was built, byte for byte; retention may have deleted it. */
export async function checkStore(store: Store, product: string, release: LedgerRelease): Promise<Finding[]> {
  const fact = release.build?.build.fact;
  const image = fact?.fact === 'built' ? fact.image : undefined;
  const name = releasedName(product, release.planned.version);
  const released = readJson(await store.readNamed(name)) as
    | { gone?: { at: string; policy: string } }
    | undefined;
  const digests = listBytes(release).filter((digest) => digest !== image);
  const check = async (digest: string): Promise<Finding> => {
    const about = `bytes ${digest.slice(0, 19)}`;
    if (released?.gone) {
      return {
        about,
        state: 'none',
        says: `The store deleted them at ${released.gone.at}: ${released.gone.policy}.`,
      };
    }
    try {
      const found = await readLength(store, release, digest);
      return { about, state: 'holds', says: `The store holds ${found} with just that digest.` };
    } catch (error) {
      const state = (error as Error).name === 'StoreCorrupt' ? 'broken' : 'unknown';
      return { about, state, says: (error as Error).message };
    }
  };
  return await Promise.all(digests.map(check));
}

/** Who approved, by the archived record that the ledger names: each signature, and what it is about. */
export async function checkApprovals(
  store: Store,
  keys: Parameters<typeof verifySigned>[1],
  product: string,
  { releaseId, facts }: LedgerRelease,
): Promise<Finding[]> {
  const about = 'approvals';
  if (facts.ended?.record === undefined) {
    return [
      {
        about,
        state: 'unknown',
        says: 'They stand in the record, which is archived when the release has ended.',
      },
    ];
  }
  const record = readJson(await store.readNamed(recordName(product, releaseId))) as ReleaseRecord | undefined;
  if (record === undefined)
    return [{ about, state: 'unknown', says: 'The archived record is not in the store.' }];
  if (digestOf(record) !== facts.ended.record) {
    return [{ about, state: 'broken', says: 'The archived record is another one than the ledger names.' }];
  }
  const subjects = listSubjects(product, facts);
  const gates = record.approvals.filter(({ status }) => status === 'approved');
  if (gates.length === 0)
    return [{ about, state: 'none', says: 'The record says of none that it was asked for.' }];
  return gates.map((gate): Finding => {
    const given = gate.decisions.filter(({ decision }) => decision === 'approve');
    const why = given
      .map((decision) => refuseDecision(decision, keys, { releaseId, subjects }))
      .find(Boolean);
    const who = given.map(({ person, role }) => `${person} (${role})`).join(', ');
    return why === undefined
      ? {
          about: `approval ${gate.key}`,
          state: 'holds',
          says: `Signed by the API for ${who || 'nobody: none is needed'}.`,
        }
      : { about: `approval ${gate.key}`, state: 'broken', says: why };
  });
}

/** As of the moment when it was given. */
function refuseDecision(
  { signed, person, gate }: Decision,
  keys: Parameters<typeof verifySigned>[1],
  { releaseId, subjects }: { releaseId: string; subjects: string[] },
): string | undefined {
  const given = readJson(Buffer.from(signed.signed)) as { issuedAt?: string } | undefined;
  const command = verifySigned(signed, keys, new Date(given?.issuedAt ?? Number.NaN));
  if ('refused' in command) return `The approval of ${person} does not hold: ${command.refused}.`;
  if (command.person !== person || command.gate !== gate || command.releaseId !== releaseId) {
    return `The approval of ${person} was given for something else.`;
  }
  // What is asked about something else than texts or bytes (a first publish) names itself.
  const isAboutBytes = gate === 'go_live' || gate === 'hotfix' || gate === 'staging_sign_off';
  if (isAboutBytes && !subjects.includes(command.subject ?? '')) {
    return `The approval of ${person} is about other bytes than those that were built.`;
  }
  return undefined;
}

/** Reading checks the digest. */
async function readLength(store: Store, { build }: LedgerRelease, digest: string): Promise<string> {
  const bytes = await store.read({ digest: digest as `sha256:${string}`, bytes: 0 });
  return `${bytes.length} bytes${build?.build.fact.artifact === digest ? ' (the artifact)' : ''}`;
}

function readJson(bytes: Buffer | undefined): unknown {
  try {
    return bytes && JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
