import type { ActivityDeps } from '../activities/deps.ts';
import type { Installation } from '../config/installation.ts';
import { readSecret } from '../config/secrets.ts';
import type { WorkerRole } from '../contracts/task-queues.ts';
import { openAttestations } from '../integrations/attestation/attestations.ts';
import { openLedger } from '../integrations/ledger/ledger.ts';
import { readLedgerKeys } from '../integrations/ledger/ledger-keys.ts';
import type { Store } from '../providers/store/store.ts';
import { describeRepository } from '../release/attestation/statement.ts';

/** The ledger and the attestations beside it, as this role writes them; neither where the installation keeps none. */
export function openTrust(
  store: Store,
  installation: Installation,
  role: WorkerRole,
): Pick<ActivityDeps, 'ledger' | 'attestations'> {
  const keys = readLedgerKeys(installation, role, (name) => readSecret(installation, name, role));
  if (keys === undefined) return {};
  const attestations = openAttestations(store, keys, (product) => ({
    repository: describeRepository(installation.products[product]?.repositoryUrl ?? ''),
    // Another installation is another builder; its API's address is the one name that it has for others.
    builder: `${installation.api.url}#${role}`,
  }));
  return { ledger: openLedger(store, keys), attestations };
}
