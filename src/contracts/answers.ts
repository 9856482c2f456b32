/**
 * How a workflow comes to believe what a role's worker answers. Anybody who has the namespace may poll a role's queue,
 * so an answer counts by the signature of the role's own key, over what was asked, by which run, and what was said.
 */
import type { WorkerRole } from './task-queues.ts';

/** Comes after an activity's own input, where the answer is to be signed. `ask` counts what the run has asked so far. */
export interface WantedProof {
  ask: number;
}

/** The signature of a role's key: Ed25519, base64. */
export interface AnswerProof {
  keyId: string;
  signature: string;
}

/** What an activity gives whose answer was to be signed; a failure carries `{ proof }` as the last of its details. */
export interface ProvenAnswer {
  answer?: unknown;
  proof: AnswerProof;
}

/** What came of it: the answer, or the failure as it is told. */
export type Outcome =
  | { answer?: unknown }
  | { failure: { type: string; message: string; details: unknown[] } };

/** What a role has said, to whom, and on what. */
export interface SaidByRole {
  role: WorkerRole;
  activity: string;
  workflowId: string;
  runId: string;
  ask: number;
  input: unknown;
  outcome: Outcome;
}

/**
 * Local activities of the workflow worker: they run in its own process, so nobody else can answer them, and go by its own
 * configuration. What they find is kept in the history, so that a replay does not depend on keys that were changed since.
 */
export interface BeliefActivities {
  /** Whether this installation's roles sign what they answer. */
  areAnswersProven(): Promise<boolean>;
  /** Why the role has not said that, as the end of a sentence; nothing where it has. */
  verifyAnswer(input: { said: SaidByRole; proof: AnswerProof | undefined }): Promise<{ refused?: string }>;
}

/** Whether an activity's last argument asks for a signed answer. Total. */
export function isWantedProof(argument: unknown): argument is WantedProof {
  if (argument === null || typeof argument !== 'object') return false;
  const { ask, ...others } = argument as Record<string, unknown>;
  return Number.isSafeInteger(ask) && Object.keys(others).length === 0;
}

/** The proof that an answer, or the last detail of a failure, carries. Total. */
export function readProof(value: unknown): AnswerProof | undefined {
  const { proof } = (value ?? {}) as { proof?: Partial<AnswerProof> | null };
  const { keyId, signature } = proof ?? {};
  return typeof keyId === 'string' && typeof signature === 'string' ? { keyId, signature } : undefined;
}
