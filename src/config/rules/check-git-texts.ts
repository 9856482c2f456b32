/** Branches of releases stay apart: from the released branch, from tags, from hotfixes and from other products' branches. */
import { repositoryOf } from '../normalise/normalise-product.ts';
import type { ProductFile } from '../schema/product-schema.ts';
import type { RuleFinding, RuleInput } from './check-rules.ts';

const KEYS = ['branch', 'hotfix_branch'] as const;

/** Reports names that git could not have beside each other, or that would not say what they name. */
export function checkGitTexts({ config }: RuleInput): RuleFinding[] {
  const taken = new Map<string, string>();
  return Object.entries(config.products).flatMap(([name, product]) =>
    KEYS.flatMap((key): RuleFinding[] => {
      const template = product.git[key].replaceAll('{product}', name);
      const place = `products.${name}.git.${key}`;
      const expected = whyNot(template, name, product) ?? whyTaken(taken, place, template, product);
      if (expected === undefined) return [];
      return [{ path: ['products', name, 'git', key], at: 'value', expected, found: product.git[key] }];
    }),
  );
}

function whyNot(template: string, name: string, product: ProductFile): string | undefined {
  if (template === product.tag_format.replaceAll('{product}', name))
    return 'another name than the tag has, since git would not know which of both is meant';
  const folder = [product.release.release_branch, product.state.branch ?? 'main'].find((branch) =>
    template.startsWith(`${branch}/`),
  );
  if (folder === undefined) return undefined;
  return `a name that is not below ${folder}/, since git has a branch of that name or a folder, never both`;
}

/** Every branch of a repository belongs to one kind of release of one product. */
function whyTaken(
  taken: Map<string, string>,
  place: string,
  template: string,
  product: ProductFile,
): string | undefined {
  const named = `${repositoryOf(product).url} ${template}`;
  const other = taken.get(named);
  taken.set(named, other ?? place);
  return other && `another name than that of ${other}, whose branches would be the same`;
}
