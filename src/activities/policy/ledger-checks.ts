import type { LedgerEntry } from '../../release/ledger/entry.ts';
import type { FactOf } from '../../release/ledger/facts.ts';
import type { ReleaseFacts } from '../../release/ledger/questions.ts';
import { describeGate, listGateNames } from '../../release/policy/gates.ts';
import type { ProductSettings } from '../../release/settings.ts';
import type { ActivityDeps } from '../deps.ts';

/** Of whom something is asked, and what is written down of the release. */
export interface Asked {
  deps: ActivityDeps;
  product: ProductSettings;
  entries: readonly LedgerEntry[];
  facts: ReleaseFacts;
  started: FactOf<'started'>;
}

/** Why not, as the end of a sentence; undefined where nothing stands against it. */
export type Answer = string | undefined;

/** Gates that nobody may pass over must have passed for what was built from the commit. */
export function refuseUntested(product: ProductSettings, facts: ReleaseFacts, commit: string): Answer {
  const built = facts.built.filter((each) => each.commit === commit);
  const planned = facts.planned.find(({ binds }) =>
    facts.committed.some((c) => c.commit === commit && c.binds === binds),
  );
  if (!planned || built.length === 0) return `nothing was built from ${show(commit)}`;
  const required = listGateNames(product.gates).filter((name) => {
    const gate = describeGate(product, name);
    return (
      product.policy[planned.type].gates.includes(name) && gate.script && !gate.skippable && !gate.advisory
    );
  });
  const missing = required.find(
    (name) =>
      !facts.gates.some((gate) => gate.gate === name && gate.result === 'passed' && gate.commit === commit),
  );
  return missing === undefined ? undefined : `the gate ${missing} did not pass for ${commit.slice(0, 12)}`;
}

/** A plan that another one took the place of ends what was granted for it, until something of it is public. */
export function refuseReplaced(facts: ReleaseFacts, commit: string): Answer {
  if (facts.published.length > 0) return undefined;
  const made = facts.committed.find((each) => each.commit === commit);
  return facts.planned.at(-1)?.binds === made?.binds ? undefined : 'another plan took the place of that one';
}

/** What an input holds may be anything: one line, and not long. */
export function show(text: unknown): string {
  return JSON.stringify(String(text ?? '').slice(0, 80));
}
