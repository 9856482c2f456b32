/** What the metric checks of a configuration demand, and what one look at each of them shows. */
import type { Installation } from '../config/installation.ts';
import { printable } from '../release/plan/printable.ts';
import { judgeOneLook, type OneLook } from '../release/verdict/judge.ts';
import { describeDemand, sayNumber } from '../release/verdict/sentences.ts';

export interface ShownCheck {
  /** Product, environment, check. */
  place: string;
  /** What would make it fail, and what it is compared with. */
  demand: string;
  /** Only of a live look, as the other members below. */
  found?: string;
  value?: number;
  verdict?: OneLook['verdict'];
}

/** What each check of each environment demands, so that nobody finds out from a rollback. */
export function listDemands({ products }: Installation): ShownCheck[] {
  return Object.values(products).flatMap(({ name, environments }) =>
    environments.flatMap((environment) =>
      environment.checks.map(({ check }) => ({
        place: placeOf(name, environment.name, check.name),
        demand: describeDemand(check),
      })),
    ),
  );
}

/** As `listDemands`, with what each check says now: its source is asked once, from this machine. */
export async function lookLive(installation: Installation): Promise<ShownCheck[]> {
  const { lookAtChecks } = await import('../workers/look-at-checks.ts');
  const looks = Object.values(installation.products).flatMap(({ name, environments }) =>
    environments.map(async (environment): Promise<ShownCheck[]> => {
      if (environment.checks.length === 0) return [];
      const samples = await lookAtChecks(installation, name, environment.name);
      return environment.checks.map(({ check }) => {
        const place = placeOf(name, environment.name, check.name);
        const none = { time: '', check: check.name, group: 'candidate' as const, value: null };
        const sample = samples.get(check.name) ?? none;
        const { verdict, why } = judgeOneLook(check, sample);
        const { value } = sample;
        const shown =
          value === null ? 'no value' : `${sayNumber(value)}${check.kind === 'ratio' ? ' %' : ''}`;
        return {
          place,
          demand: describeDemand(check),
          found: `${shown} now, ${verdict}: ${printable(why)}`,
          ...(value === null ? {} : { value }),
          verdict,
        };
      });
    }),
  );
  return (await Promise.all(looks)).flat();
}

function placeOf(...names: string[]): string {
  return names.join(', ');
}
