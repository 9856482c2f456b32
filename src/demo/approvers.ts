import { createInterface } from 'node:readline/promises';
import type { ApprovalGate } from '../release/approvals.ts';
import type { VerdictOfPerson } from '../release/names.ts';
import type { ReleaseRecord } from '../release/record/record.ts';
import type { DemoPerson } from './fixture.ts';
import type { Printer } from './print.ts';

export interface Question {
  record: ReleaseRecord;
  gate: ApprovalGate;
  role: string;
  person: DemoPerson;
  signal: AbortSignal;
  /** Whether it still waits for this role: somebody may have answered from another terminal. */
  isOpen(): Promise<boolean>;
}

/** Who decides in the demo. `undefined`: it was decided elsewhere. */
export interface Approver {
  comment: string;
  decide(question: Question): Promise<VerdictOfPerson | undefined>;
}

/** Without a terminal: the demo's own people approve. */
export function approveAsPeople(print: Printer): Approver {
  return {
    comment: 'approved in the demo',
    decide: async ({ gate, person, role }) => {
      print.line(`${person.displayName} approves "${gate.title}" as ${role}, through the API`);
      return 'approve';
    },
  };
}

/** How often an open question is looked at, for an answer from another terminal. */
const LOOK_MS = 1_000;

/** At a terminal: asks whoever sits there, and says how to answer from another terminal. */
export function askAtTerminal(print: Printer, apiUrl: string): Approver {
  return {
    comment: 'decided at the demo’s terminal',
    decide: async (question) => {
      const { gate, person, role, record } = question;
      print.line('');
      print.line(`? ${gate.title}`);
      if (record.plan) print.line(`  ${record.plan.highlights}; notes and all that is included: ${apiUrl}`);
      for (const ask of gate.asks ?? []) print.line(`  - ${ask}`);
      for (const concern of record.plan?.concerns ?? []) print.line(`  concern: ${concern}`);
      print.line(
        `  or from another terminal: WINDLASS_API=${apiUrl} WINDLASS_TOKEN=${person.token} bin/windlass approve ${record.product} ${gate.key} --role ${role}`,
      );
      const answered = new AbortController();
      const asking = createInterface({ input: process.stdin, output: process.stdout });
      const signal = AbortSignal.any([question.signal, answered.signal]);
      const watching = setInterval(() => {
        void question.isOpen().then(
          (open) => {
            if (!open) answered.abort();
          },
          () => undefined,
        );
      }, LOOK_MS);
      try {
        for (;;) {
          const answer = await asking.question(`  ${person.displayName} (${role}): approve? [y/n] `, {
            signal,
          });
          if (/^y(es)?$/i.test(answer.trim())) return 'approve';
          if (/^no?$/i.test(answer.trim())) return 'reject';
        }
      } catch (error) {
        question.signal.throwIfAborted();
        if (answered.signal.aborted) {
          print.line('  (decided elsewhere)');
          return undefined;
        }
        throw error;
      } finally {
        clearInterval(watching);
        asking.close();
      }
    },
  };
}
