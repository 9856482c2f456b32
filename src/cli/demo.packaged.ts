import { CliProblem } from './line/cli-problem.ts';

/** `windlass demo` of the package, which leaves the demo's registry, shop and customers out. */
export async function runDemo(): Promise<number> {
  throw new CliProblem('the demo is not in the package: it brings a registry and an example product.', {
    hint: 'It runs from a clone of the repository: npm run demo. Here, "windlass plan" and "windlass dev" work.',
  });
}
