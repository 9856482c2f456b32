/** The commits that make a release go wrong: one more step each, as a careless change would look. */
import type { Step } from './step.ts';

/** The mistakes that `examples/shop/src/inject-fault.js` knows, with the commit that brings each in. */
const SUBJECTS: Record<string, string> = {
  'crash-at-start': 'perf(http): read the price list at start (#51)',
  'unhealthy-after-a-minute': 'perf(database): keep statements prepared (#51)',
  'errors-5-percent': 'perf(orders): round prices once (#51)',
  'slow-tail': 'perf(catalogue): compress the product list (#51)',
  leak: 'perf(catalogue): remember recent searches (#51)',
  'breaks-after-migration': 'perf(orders): keep the totals of orders (#51)',
  'breaks-in-production': 'perf(catalogue): keep the catalogue in memory (#51)',
};

export const FAULT_NAMES: readonly string[] = Object.keys(SUBJECTS);

/** A step, and the files that it brings along. */
export interface FaultStep {
  step: Step;
  files: Record<string, string>;
}

/**
 * The commit with a mistake.
 *
 * @param fault a name of `FAULT_NAMES`; with `@environment` the mistake shows in that environment only, so that
 *   it passes the gates
 * @throws Error for an unknown name
 */
export function makeFaultStep(fault: string): FaultStep {
  const [name = '', environment] = fault.split('@');
  const subject = SUBJECTS[name];
  if (!subject) throw new Error(`There is no fault "${name}". Use one of: ${FAULT_NAMES.join(', ')}.`);
  if (environment !== undefined && !/^[a-z][a-z0-9-]*$/.test(environment))
    throw new Error(`"${environment}" is not the name of an environment.`);
  const migration = 'migrations/007_order_totals.sql';
  const edits = [
    { file: 'src/fault.js', was: "export const FAULT = 'none';", now: `export const FAULT = '${name}';` },
    ...(environment
      ? [{ file: 'src/fault.js', was: "ENVIRONMENT = 'any'", now: `ENVIRONMENT = '${environment}'` }]
      : []),
  ];
  const brings = name === 'breaks-after-migration';
  return {
    step: {
      message: subject,
      author: 'jonas',
      date: '2025-10-28T18:07:00+01:00',
      edits,
      ...(brings && { creates: [migration] }),
    },
    files: brings
      ? {
          [migration]:
            'CREATE TABLE order_totals (\n  order_id TEXT PRIMARY KEY REFERENCES orders (id),\n  total_cents INTEGER NOT NULL\n) STRICT;\n',
        }
      : {},
  };
}
