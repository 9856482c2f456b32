import type { ProductSettings } from '../../settings.ts';
import { formOf, LINK_FORMS } from './forms.ts';
import type { LinkSettings } from './links.ts';
import { webAddress } from './web-address.ts';

/**
 * The links of a product's releases, the same wherever they are planned: by the configuration, else by the name of the
 * repository's host, else by the product's host.
 */
export function linksOf(product: ProductSettings): { repositoryUrl: string | null; links: LinkSettings } {
  const { links = { form: 'auto' }, host } = product;
  const address = webAddress(product.repositoryUrl);
  const form =
    links.form === 'auto' &&
    address !== null &&
    formOf(address) === null &&
    host !== undefined &&
    host.kind in LINK_FORMS
      ? host.kind
      : links.form;
  return { repositoryUrl: address, links: { ...links, form } };
}
