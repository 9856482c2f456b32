import type { BeliefActivities } from '../../src/contracts/answers.ts';

/** What a workflow worker that a test makes by hand finds out about answers: no ledger is kept, so that none is signed. */
export const NO_LEDGER: BeliefActivities = {
  areAnswersProven: async () => false,
  verifyAnswer: async () => ({ refused: 'no ledger is kept' }),
};
