/**
 * The automatic gates between build and push: those of the mission as entries of one table, and any that a product
 * adds under `gates`. Nothing else knows a gate by its name.
 */
import { BUMPS } from '../names.ts';
import {
  type ProductScriptName,
  type ProductSettings,
  RELEASE_TYPES,
  type ReleaseType,
  type ScriptSettings,
} from '../settings.ts';

/** What a product's configuration says of one gate; what it leaves out is as in the table below. */
export interface GateSettings {
  title?: string;
  script?: ScriptSettings;
  /** Instead of the script's own limit, in milliseconds. */
  timeoutMs?: number;
  requiredFor?: ReleaseType[];
  /** A failure is recorded and does not halt. */
  advisory?: boolean;
  /** Whether a person may pass over it with a reason, and `require_quality_gates: false` makes it advisory. */
  skippable?: boolean;
  /** The gates that must have passed before it starts. */
  needs?: string[];
  /** A file that the script leaves, relative to the product's folder. */
  report?: string;
}

/** A gate with everything filled in. */
export interface Gate extends Omit<GateSettings, 'requiredFor' | 'timeoutMs'> {
  name: string;
  title: string;
  advisory: boolean;
  skippable: boolean;
  /** The program's name for people: `test`, or the gate's own name. */
  scriptName: string;
  /** Looks at the image that was built before the gates, if there is one, instead of running its script. */
  showsImage: boolean;
}

interface DefaultGate {
  title: string;
  /** The entry of the product's `scripts` that it runs, unless it has a script of its own. */
  productScript: ProductScriptName;
  requiredFor: readonly ReleaseType[];
  skippable?: true;
  showsImage?: true;
  /** Nothing skips it, makes it advisory or takes it from a release type. */
  always?: true;
  /** Its key in the mission's `release-status.yaml`. */
  statusKey?: string;
}

/** The mission's gates, in the order in which they run: each waits for the one before. */
export const DEFAULT_GATES: Readonly<Record<string, DefaultGate>> = {
  tests: {
    title: 'Test suite',
    productScript: 'test',
    requiredFor: RELEASE_TYPES,
    always: true,
  },
  regression: {
    title: 'End-to-end regression',
    productScript: 'e2e',
    requiredFor: BUMPS,
  },
  load: {
    title: 'Load test',
    productScript: 'load',
    requiredFor: BUMPS,
    skippable: true,
    statusKey: 'load_testing',
  },
  profiling: {
    title: 'Performance profile',
    productScript: 'profile',
    requiredFor: ['major'],
    skippable: true,
    statusKey: 'performance_profiling',
  },
  container: {
    title: 'Container build',
    productScript: 'container',
    requiredFor: ['major', 'minor'],
    showsImage: true,
    statusKey: 'container_build',
  },
  // A hotfix walks the same journey as the regression, and nothing else.
  smoke: { title: 'Smoke test of the build', productScript: 'e2e', requiredFor: ['hotfix'] },
};

/** For a gate of a team's own. A hotfix stays on its fast track unless the gate names it. */
export const OWN_GATE_REQUIRED_FOR: readonly ReleaseType[] = BUMPS;

export type GateConfiguration = Record<string, GateSettings>;

function defaultOf(name: string): DefaultGate | undefined {
  return Object.hasOwn(DEFAULT_GATES, name) ? DEFAULT_GATES[name] : undefined;
}

function configuredOf(gates: GateConfiguration | undefined, name: string): GateSettings | undefined {
  return gates && Object.hasOwn(gates, name) ? gates[name] : undefined;
}

/** Whether there is a gate of that name: in the table, or under the product's `gates`. */
export function isGate(name: string, gates: GateConfiguration | undefined): boolean {
  return defaultOf(name) !== undefined || configuredOf(gates, name) !== undefined;
}

/** Whether nothing may skip the gate, make it advisory or take it from a release type. */
export function alwaysRuns(name: string): boolean {
  return defaultOf(name)?.always === true;
}

/** Every gate that a product knows: the table's first, then its own in the order of the file. */
export function listGateNames(gates: GateConfiguration = {}): string[] {
  return [...new Set([...Object.keys(DEFAULT_GATES), ...Object.keys(gates)])];
}

/** The gates of a release type, unless `policy` lists them: the table and each gate's `required_for`. */
export function listRequiredGates(type: ReleaseType, gates: GateConfiguration = {}): string[] {
  return listGateNames(gates).filter((name) => {
    if (alwaysRuns(name)) return true;
    const own = configuredOf(gates, name)?.requiredFor;
    return (own ?? defaultOf(name)?.requiredFor ?? OWN_GATE_REQUIRED_FOR).includes(type);
  });
}

/** What the product knows of a gate. Total: an unknown name is a gate without a script. */
export function describeGate(
  product: Pick<ProductSettings, 'gates' | 'scripts' | 'release'>,
  name: string,
): Gate {
  const base = defaultOf(name);
  const own = configuredOf(product.gates, name) ?? {};
  const always = base?.always === true;
  const skippable = !always && (own.skippable ?? base?.skippable ?? false);
  const script = own.script ?? (base && product.scripts[base.productScript]);
  const needs = own.needs ?? (base ? undefined : []);
  return {
    name,
    title: own.title ?? base?.title ?? name,
    scriptName: own.script || !base ? name : base.productScript,
    ...(script === undefined ? {} : { script: { ...script, timeoutMs: own.timeoutMs ?? script.timeoutMs } }),
    ...(needs === undefined ? {} : { needs }),
    ...(own.report === undefined ? {} : { report: own.report }),
    skippable,
    advisory: !always && (own.advisory ?? (skippable && !product.release.requireQualityGates)),
    showsImage: base?.showsImage === true && own.script === undefined,
  };
}

/** A gate of one release, and the gates of that release that must have ended before it starts. */
export interface PlannedGate extends Gate {
  needs: string[];
}

/**
 * The gates of one release with what each waits for. A gate that says nothing of its needs waits for the one before
 * it in the list that says nothing either; a need that is no gate of this release is none.
 */
export function planGates(
  product: Pick<ProductSettings, 'gates' | 'scripts' | 'release'>,
  names: readonly string[],
): PlannedGate[] {
  let before: string | undefined;
  return [...new Set(names)].map((name) => {
    const gate = describeGate(product, name);
    if (gate.needs)
      return { ...gate, needs: gate.needs.filter((need) => need !== name && names.includes(need)) };
    const planned = { ...gate, needs: before === undefined ? [] : [before] };
    before = name;
    return planned;
  });
}

/** The first circle among gates that wait for each other, as the way around it; none if each can start. */
export function findCircle(gates: readonly { name: string; needs: string[] }[]): string[] | undefined {
  const needsOf = new Map(gates.map((gate) => [gate.name, gate.needs]));
  const free = new Set<string>();
  const visit = (name: string, path: string[]): string[] | undefined => {
    if (free.has(name)) return undefined;
    const seen = path.indexOf(name);
    if (seen >= 0) return [...path.slice(seen), name];
    for (const need of needsOf.get(name) ?? []) {
      const circle = visit(need, [...path, name]);
      if (circle) return circle;
    }
    free.add(name);
    return undefined;
  };
  for (const gate of gates) {
    const circle = visit(gate.name, []);
    if (circle) return circle;
  }
  return undefined;
}

/** What people call a gate: what its result says, else the table, else its name. */
export function nameGate({ gate, title }: { gate: string; title?: string }): string {
  return title ?? defaultOf(gate)?.title ?? gate;
}
