/** The rules that no single value can break alone. */
import { isWithin } from '../mistakes/check-data.ts';
import type { ConfigPath, UnplacedMistake } from '../mistakes/mistake.ts';
import type { ConfigFile } from '../schema/installation-schema.ts';
import { checkApprovalRules } from './approvals/check-approval-rules.ts';
import { checkChangelogRules } from './check-changelog-rules.ts';
import { checkGates } from './check-gates.ts';
import { checkGitTexts } from './check-git-texts.ts';
import { checkLedger } from './check-ledger.ts';
import { checkPeople } from './check-people.ts';
import { checkPolicy } from './check-policy.ts';
import { checkProducts } from './check-products.ts';
import { checkProviders } from './check-providers.ts';
import { checkRoles } from './check-roles.ts';
import { checkSecrets } from './check-secrets.ts';
import { checkTimes } from './check-times.ts';
import { checkTrust } from './check-trust.ts';
import { checkUrls } from './check-urls.ts';

/** What a rule reports. */
export interface RuleFinding extends UnplacedMistake {
  /** Places that it looked at besides `path`: if anything in them was wrong already, it may be mistaken. */
  about?: ConfigPath[];
  /** A warning does not keep the configuration from being used. */
  isWarning?: boolean;
}

export interface RuleInput {
  config: ConfigFile;
  /** The file as written: tells what was said from what was filled in. */
  written: unknown;
}

export type Rule = (input: RuleInput) => RuleFinding[];

const RULES: readonly Rule[] = [
  checkSecrets,
  checkUrls,
  checkTrust,
  checkLedger,
  checkPeople,
  checkRoles,
  checkGates,
  checkPolicy,
  checkApprovalRules,
  checkProducts,
  checkChangelogRules,
  checkGitTexts,
  checkProviders,
  checkTimes,
];

/**
 * Applies all rules to what the schema let pass. A finding about a place which the schema already complained
 * about is dropped: it would only repeat that mistake in other words.
 */
export function checkRules(
  input: RuleInput,
  leftOut: ConfigPath[],
): { mistakes: UnplacedMistake[]; warnings: UnplacedMistake[] } {
  const findings = RULES.flatMap((rule) => rule(input)).filter(
    ({ path, about = [] }) =>
      !leftOut.some(
        (gone) =>
          isWithin(path, gone) || about.some((place) => isWithin(place, gone) || isWithin(gone, place)),
      ),
  );
  return {
    mistakes: findings.filter(({ isWarning }) => !isWarning).map(strip),
    warnings: findings.filter(({ isWarning }) => isWarning).map(strip),
  };
}

function strip({ about: _about, isWarning: _isWarning, ...mistake }: RuleFinding): UnplacedMistake {
  return mistake;
}
