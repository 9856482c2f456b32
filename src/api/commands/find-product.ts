import { describeStop } from '../../config/mistakes/mistake.ts';
import type { ProductSettings } from '../../release/settings.ts';
import type { ApiDeps } from '../deps.ts';
import { type ApiProblem, conflict, notFound } from '../problem.ts';

/** That there is such a product, also one that its configuration stops: looking and stopping stay possible. @throws ApiProblem 404. */
export function requireProduct({ installation }: Pick<ApiDeps, 'installation'>, name: string): string {
  const { products, stopped = {} } = installation;
  if (Object.hasOwn(products, name) || Object.hasOwn(stopped, name)) return name;
  const known = [...new Set([...Object.keys(products), ...Object.keys(stopped)])];
  throw notFound(`There is no product "${name}".`, `known products: ${known.join(', ') || 'none'}`);
}

/**
 * What the configuration says of a product; of one that was edited into a mistake, what it said before.
 * @throws ApiProblem 404, 409 for one that its configuration stops.
 */
export function findProduct(deps: Pick<ApiDeps, 'installation'>, name: string): ProductSettings {
  requireProduct(deps, name);
  const { products } = deps.installation;
  const product = Object.hasOwn(products, name) ? products[name] : undefined;
  if (product) return product;
  throw stoppedProblem(deps, name);
}

/** A product for which something new may begin. @throws ApiProblem 404, 409. */
export function requireStartable(deps: Pick<ApiDeps, 'installation'>, name: string): ProductSettings {
  const product = findProduct(deps, name);
  if (whyStopped(deps, name) !== undefined) throw stoppedProblem(deps, name);
  return product;
}

/** Why the configuration stops a product, as a sentence without its full stop. */
export function whyStopped(
  { installation }: Pick<ApiDeps, 'installation'>,
  name: string,
): string | undefined {
  const { stopped = {}, file } = installation;
  const mistakes = Object.hasOwn(stopped, name) ? stopped[name] : undefined;
  return mistakes && describeStop(file, name, mistakes);
}

/** Every product that the configuration stops, and why. */
export function listStopped(deps: Pick<ApiDeps, 'installation'>): { name: string; why: string }[] {
  return Object.keys(deps.installation.stopped ?? {}).map((name) => ({
    name,
    why: whyStopped(deps, name) ?? '',
  }));
}

function stoppedProblem(deps: Pick<ApiDeps, 'installation'>, name: string): ApiProblem {
  return conflict(
    'product-stopped',
    `${whyStopped(deps, name)}. Nothing was done.`,
    'mend the file ("windlass config check" shows every mistake): it is taken up by itself',
  );
}
