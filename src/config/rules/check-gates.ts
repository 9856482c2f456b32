/** Every gate can be passed and none is lost: its script is there, it can start, and every list that must names it. */
import type { GateConfiguration } from '../../release/policy/gates.ts';
import {
  alwaysRuns,
  DEFAULT_GATES,
  describeGate,
  findCircle,
  isGate,
  listGateNames,
  listRequiredGates,
  planGates,
} from '../../release/policy/gates.ts';
import type { ProductSettings, ReleaseType } from '../../release/settings.ts';
import { RELEASE_TYPES } from '../../release/settings.ts';
import type { ConfigPath } from '../mistakes/mistake.ts';
import { findNearest } from '../mistakes/nearest.ts';
import { normaliseScripts } from '../normalise/normalise-environment.ts';
import { normaliseGates } from '../normalise/normalise-gates.ts';
import { policyOf } from '../normalise/normalise-product.ts';
import type { ProductFile } from '../schema/product-schema.ts';
import type { RuleFinding, RuleInput } from './check-rules.ts';

/** Names that mean something else among the steps of a release. */
const TAKEN: Readonly<Record<string, string>> = {
  build: 'the build is no gate, it always happens',
  manual_smoke: 'people pass this one, see `policy.TYPE.manual_smoke`',
};

interface GateRules {
  product: ProductFile;
  gates: GateConfiguration;
  settings: Pick<ProductSettings, 'gates' | 'scripts' | 'release'>;
  path: (...parts: ConfigPath) => ConfigPath;
}

/** Reports gates without script or that wait for each other, unknown names, and lists that would lose a gate. */
export function checkGates({ config }: RuleInput): RuleFinding[] {
  return Object.entries(config.products).flatMap(([name, product]) => {
    const gates = normaliseGates(product.gates);
    const rules: GateRules = {
      product,
      gates,
      settings: {
        gates,
        scripts: normaliseScripts(product.scripts),
        release: { requireQualityGates: product.release.require_quality_gates },
      } as GateRules['settings'],
      path: (...parts) => ['products', name, ...parts],
    };
    return [
      ...Object.keys(product.gates).flatMap((gate) => checkGate(rules, gate)),
      ...RELEASE_TYPES.flatMap((type) => checkType(rules, type)),
      ...warnOfMissingScripts(rules),
    ];
  });
}

function checkGate({ product, gates, path }: GateRules, name: string): RuleFinding[] {
  const gate = product.gates[name]!;
  const findings: RuleFinding[] = [];
  const taken = Object.hasOwn(TAKEN, name) ? TAKEN[name] : undefined;
  if (taken !== undefined) {
    findings.push({
      path: path('gates', name),
      at: 'key',
      expected: `another name: ${taken}`,
      found: name,
    });
  } else if (gate.script === undefined && !Object.hasOwn(DEFAULT_GATES, name)) {
    findings.push({
      path: path('gates', name),
      at: 'key',
      expected: `a script for ${name}`,
      found: 'none',
      ...nearestOf(name, Object.keys(DEFAULT_GATES)),
    });
  }
  if (alwaysRuns(name)) {
    for (const key of ['required_for', 'advisory', 'skippable'] as const) {
      if (gate[key] === undefined) continue;
      const expected = 'this key not to be there: nothing skips the tests or the build';
      findings.push({ path: path('gates', name, key), at: 'key', expected, found: key });
    }
  }
  (gate.needs ?? []).forEach((need, index) => {
    if (isGate(need, gates) && need !== name) return;
    findings.push({
      path: path('gates', name, 'needs', index),
      at: 'value',
      expected: need === name ? 'another gate than itself' : 'the name of a gate',
      found: need,
      ...nearestOf(need, listGateNames(gates)),
    });
  });
  return findings;
}

function checkType(rules: GateRules, type: ReleaseType): RuleFinding[] {
  const { product, gates, settings, path } = rules;
  const asked = product.policy[type]?.gates;
  const place = path('policy', type, 'gates');
  const findings: RuleFinding[] = [];
  const names = policyOf(product)[type].gates;
  const circle = findCircle(planGates(settings, names));
  if (circle) {
    findings.push({
      path: path('gates'),
      at: 'key',
      expected: `gates of which each can start in a ${type} release`,
      found: `a circle: ${circle.join(' needs ')}`,
      about: [place],
    });
  }
  if (asked === undefined) return findings;
  asked.forEach((gate, index) => {
    if (isGate(gate, gates)) return;
    findings.push({
      path: [...place, index],
      at: 'value',
      expected: 'the name of a gate',
      found: gate,
      ...nearestOf(gate, listGateNames(gates)),
    });
  });
  for (const gate of listRequiredGates(type, gates)) {
    if (asked.includes(gate)) continue;
    const about = [path('gates', gate)];
    if (alwaysRuns(gate)) {
      const expected = `${gate} among the gates: nothing skips them`;
      findings.push({ path: place, at: 'value', expected, found: asked.join(', ') || 'an empty list' });
    } else if (gates[gate]?.requiredFor || !Object.hasOwn(DEFAULT_GATES, gate)) {
      const expected = `${gate} among the gates: it is required for a ${type} release`;
      const hint = `Or leave ${type} out of gates.${gate}.required_for.`;
      findings.push({ path: place, at: 'value', expected, found: asked.join(', '), hint, about });
    }
  }
  for (const gate of asked) {
    if (alwaysRuns(gate) || !Object.hasOwn(DEFAULT_GATES, gate)) continue;
    const { script, scriptName } = describeGate(settings, gate);
    if (script !== undefined) continue;
    findings.push({
      path: place,
      at: 'value',
      expected: `a script ${scriptName} under ${path('scripts').join('.')} for the gate ${gate}`,
      found: 'none',
      about: [path('scripts', scriptName)],
    });
  }
  return findings;
}

/** Of the gates that the table asks for, and nobody by name. */
function warnOfMissingScripts({ product, settings, path }: GateRules): RuleFinding[] {
  const missing = new Map<string, ReleaseType[]>();
  for (const type of RELEASE_TYPES) {
    if (product.policy[type]?.gates !== undefined) continue;
    for (const gate of policyOf(product)[type].gates) {
      const { script, scriptName } = describeGate(settings, gate);
      if (script !== undefined || alwaysRuns(gate) || !Object.hasOwn(DEFAULT_GATES, gate)) continue;
      missing.set(scriptName, [...(missing.get(scriptName) ?? []), type]);
    }
  }
  if (missing.size === 0) return [];
  const scripts = [...missing].map(([script, types]) => `${script} (${types.join(', ')})`);
  return [
    {
      path: path('scripts'),
      at: 'key',
      expected: `the scripts that the policy asks for: ${scripts.join(', ')}`,
      found: 'none of these',
      hint: 'Releases go on without their gates and record them as "not configured".',
      about: [path('scripts')],
      isWarning: true,
    },
  ];
}

function nearestOf(name: string, names: string[]): { nearest?: string } {
  const nearest = findNearest(name, names);
  return nearest === undefined ? {} : { nearest };
}
