/** Turns what zod reports into mistakes that a person understands. */
import type { z } from 'zod';
import type { UnplacedMistake } from './mistake.ts';
import { findNearest } from './nearest.ts';
import type { JsonSchema } from './schema-keys.ts';
import { findDeeper, keysAt } from './schema-keys.ts';
import { showValue } from './show-value.ts';

type Issue = z.core.$ZodIssue;

const TYPE_PHRASES: Record<string, string> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a map',
  record: 'a map',
  array: 'a list',
  tuple: 'a list',
};

/** The phrase after "expected" for checks that bring none of their own. To be given to zod as its error map. */
export function phraseExpectation(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return TYPE_PHRASES[issue.expected] ?? issue.expected;
    case 'invalid_value':
      return `one of ${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return issue.origin === 'array' ? 'at least one entry' : `at least ${issue.minimum}`;
    case 'too_big':
      return issue.origin === 'array' ? `at most ${issue.maximum} entries` : `at most ${issue.maximum}`;
    default:
      return 'something else';
  }
}

/** A mistake, and whether a key is at fault that the schema does not know. */
export interface ExplainedIssue extends UnplacedMistake {
  isUnknownKey?: boolean;
}

/** One mistake per issue; one per key where several keys are unknown. */
export function explainIssue(issue: Issue, data: unknown, schema: JsonSchema): ExplainedIssue[] {
  const path = issue.path as (string | number)[];
  const value = path.reduce<unknown>(
    (inner, part) => (inner as Record<string, unknown> | undefined)?.[part],
    data,
  );
  if (issue.code === 'unrecognized_keys') {
    const present = Object.keys((value ?? {}) as object);
    return issue.keys.map((key) => explainUnknownKey([...path, key], present, schema));
  }
  if (issue.code === 'invalid_key') {
    const expected = issue.issues[0]?.message ?? 'another name';
    return [{ path, at: 'key', expected, found: JSON.stringify(String(path.at(-1)).slice(0, 80)) }];
  }
  if (issue.code === 'invalid_union') {
    const meant = issue.errors.find((form) => !form.some(isOtherForm));
    if (meant !== undefined && meant.length > 0) {
      return meant.flatMap((inner) =>
        explainIssue({ ...inner, path: [...path, ...inner.path] }, data, schema),
      );
    }
  }
  const missing = value === undefined;
  const expected = issue.code === 'invalid_union' ? describeChoices(issue) : issue.message;
  const nearest = issue.code === 'invalid_value' ? nearestValue(value, issue.values) : undefined;
  const needsQuotes =
    typeof value === 'number' && issue.code === 'invalid_type' && !expected.startsWith('a length of time');
  return [
    {
      path,
      at: issue.code === 'invalid_type' && issue.expected === 'never' ? 'key' : 'value',
      expected,
      found: missing ? 'nothing; it is required' : showValue(value, path),
      ...(nearest === undefined ? {} : { nearest }),
      ...(needsQuotes
        ? { hint: 'YAML reads this as a number; if it is meant as a text, put it in quotes.' }
        : {}),
    },
  ];
}

function explainUnknownKey(path: (string | number)[], present: string[], schema: JsonSchema): ExplainedIssue {
  const key = String(path.at(-1));
  const parent = path.slice(0, -1);
  const known = keysAt(schema, parent);
  // A key that is there already cannot be what was meant by a second one.
  const free = known.filter((name) => !present.includes(name));
  const nearest = findNearest(key, free) ?? findDeeper(schema, parent, key);
  const expected = known.length === 0 ? 'no key here' : `one of ${known.join(', ')}`;
  return {
    path,
    at: 'key',
    expected,
    found: 'an unknown key',
    isUnknownKey: true,
    ...(nearest === undefined ? {} : { nearest }),
  };
}

/** Whether an alternative of a choice wants another kind of value altogether (a text where there is a map). */
function isOtherForm(issue: Issue): boolean {
  return issue.path.length === 0 && (issue.code === 'invalid_type' || issue.code === 'invalid_value');
}

function nearestValue(value: unknown, values: readonly unknown[]): string | undefined {
  return typeof value === 'string' ? findNearest(value, values.map(String)) : undefined;
}

function describeChoices(issue: Extract<Issue, { code: 'invalid_union' }>): string {
  const phrases = issue.errors.map((inner) => inner[0]?.message).filter((phrase) => phrase !== undefined);
  const own = issue.message !== 'something else' ? issue.message : undefined;
  return own ?? [...new Set(phrases)].join(', or ');
}
