/** The product's own rules, which tell the type of a commit before any convention does. */
import { meaningOfType, type TypeMeaning } from './commit-types.ts';

/** Turns a commit's subject, or a pull request's label, into a type by the product's own rules. */
export interface TypeRule {
  /** Regular expression on the subject, ignoring case. */
  pattern?: string;
  label?: string;
  type: string;
}

/** An expression may take time by the cube of a text's length; nobody writes longer first lines by hand. */
const MAX_MATCHED = 500;

/** A rule made ready for use; see `compileRules`. */
export interface CompiledRule {
  matches: (subject: string, labels: readonly string[]) => boolean;
  meaning: TypeMeaning;
}

/** What the type of a rule means: as in a subject, `!` marks a break. Null for a type that no convention knows. */
export function meaningOfRule(type: string): TypeMeaning | null {
  const meaning = meaningOfType(type.replace(/!$/, ''));
  if (meaning === null || !type.endsWith('!')) return meaning;
  return { ...meaning, bump: 'major', breaking: true };
}

/** Makes the product's rules ready; each mistake becomes a sentence in `mistakes`, and its rule is left out. */
export function compileRules(rules: readonly TypeRule[]): { rules: CompiledRule[]; mistakes: string[] } {
  const compiled: CompiledRule[] = [];
  const mistakes: string[] = [];
  for (const rule of rules) {
    const meaning = meaningOfRule(rule.type);
    if (meaning === null) {
      mistakes.push(
        `The rule for "${rule.pattern ?? rule.label ?? ''}" names the unknown type "${rule.type}".`,
      );
      continue;
    }
    let pattern: RegExp | null = null;
    try {
      if (rule.pattern !== undefined) pattern = new RegExp(rule.pattern, 'iu');
    } catch (error) {
      mistakes.push(`The rule "${rule.pattern}" is not a regular expression: ${(error as Error).message}`);
      continue;
    }
    compiled.push({
      meaning,
      matches: (subject, labels) =>
        (pattern?.test(subject.slice(0, MAX_MATCHED)) ?? false) ||
        (rule.label !== undefined && labels.includes(rule.label)),
    });
  }
  return { rules: compiled, mistakes };
}
