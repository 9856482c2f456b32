import type { Installation } from '../config/installation.ts';
import type { BeliefActivities } from '../contracts/answers.ts';
import { refuseAnswer } from '../integrations/ledger/answers.ts';
import { isLedgerKept, listVerifyKeys } from '../integrations/ledger/ledger-keys.ts';

/** By which keys the workflow worker believes what role workers answer: those of its own configuration. */
export function createBeliefActivities(installation: Installation): BeliefActivities {
  const keys = listVerifyKeys(installation);
  return {
    areAnswersProven: async () => isLedgerKept(installation),
    verifyAnswer: async ({ said, proof }) => {
      const refused = refuseAnswer(said, proof, keys, new Date());
      return refused === undefined ? {} : { refused };
    },
  };
}
