import type { FakeAnswer, FakeRequest } from './github-state.ts';

/** A ruleset of the repository. The fake only tells of it, as GitHub's API does; git is not held to it. */
export interface FakeRuleset {
  id: number;
  name: string;
  target: 'branch' | 'tag';
  /** Full refs, patterns, or `~ALL`. For branches of the fake: full refs only. */
  include: string[];
  rules: string[];
  bypass: 'always' | 'never' | 'pull_requests_only';
}

/** The routes of rulesets; undefined for any other. */
export function answerRules(rulesets: FakeRuleset[], request: FakeRequest): FakeAnswer | undefined {
  const at = (pattern: RegExp) => pattern.exec(`${request.method} ${request.path}`)?.[1];
  const branch = at(/^GET \/rules\/branches\/(.+)$/);
  if (branch !== undefined) {
    const list = rulesets
      .filter(({ target, include }) => target === 'branch' && include.includes(`refs/heads/${branch}`))
      .flatMap(({ id, rules }) =>
        rules.map((type) => ({
          type,
          ruleset_source_type: 'Repository',
          ruleset_source: request.fullName,
          ruleset_id: id,
        })),
      );
    return { status: 200, list };
  }
  const id = at(/^GET \/rulesets\/(\d+)$/);
  if (id !== undefined) {
    const found = rulesets.find((ruleset) => ruleset.id === Number(id));
    return found
      ? { status: 200, json: format(found, request.fullName) }
      : { status: 404, json: { message: 'Not Found' } };
  }
  if (at(/^GET (\/rulesets)$/) === undefined) return undefined;
  const targets = request.query.get('targets')?.split(',');
  const list = rulesets
    .filter(({ target }) => targets === undefined || targets.includes(target))
    .map((ruleset) => {
      const { rules: _rules, conditions: _conditions, ...listed } = format(ruleset, request.fullName);
      return listed;
    });
  return { status: 200, list };
}

function format({ id, name, target, include, rules, bypass }: FakeRuleset, source: string) {
  return {
    id,
    name,
    target,
    source_type: 'Repository',
    source,
    enforcement: 'active',
    current_user_can_bypass: bypass,
    conditions: { ref_name: { include, exclude: [] } },
    rules: rules.map((type) => ({ type })),
  };
}
