/** The product's rules for commits say what the planner understands, and end in time. */
import { meaningOfRule } from '../../release/plan/commits/type-rules.ts';
import type { RuleFinding, RuleInput } from './check-rules.ts';
import { findEndlessPart } from './find-endless-pattern.ts';

/** Reports types that no convention knows, and expressions that could run for ever. */
export function checkChangelogRules({ config }: RuleInput): RuleFinding[] {
  return Object.entries(config.products).flatMap(([name, { changelog }]) =>
    changelog.rules.flatMap(({ pattern, type }, index) => {
      const path = ['products', name, 'changelog', 'rules', index];
      const findings: RuleFinding[] = [];
      if (meaningOfRule(type) === null) {
        const expected = 'a type that the conventions know, such as feat, fix, perf, docs or chore';
        findings.push({ path: [...path, 'type'], at: 'value', expected, found: type });
      }
      const endless = pattern === undefined ? null : findEndlessPart(pattern);
      if (endless !== null) {
        const expected = `an expression that ends in time: "${endless}" can match the same text in more ways than can ever be tried`;
        findings.push({ path: [...path, 'pattern'], at: 'value', expected, found: pattern ?? '' });
      }
      return findings;
    }),
  );
}
