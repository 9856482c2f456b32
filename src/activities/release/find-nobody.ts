import { listGoLive } from '../../release/policy/approval-rules.ts';
import { adviseOnNobody, whyNobodyCould } from '../../release/policy/could-approve.ts';
import type { ProductSettings, ReleaseType } from '../../release/settings.ts';
import type { ReleaseRequest } from '../../release/values.ts';
import type { ActivityDeps } from '../deps.ts';

/** The blocker where nobody could approve the release at go-live; none where the identity provider knows the roles. */
export function findNobody(
  { installation }: Pick<ActivityDeps, 'installation'>,
  product: ProductSettings,
  request: ReleaseRequest,
  type: ReleaseType,
): string[] {
  if (installation.api.oidc) return [];
  const day = new Date().toISOString().slice(0, 10);
  const why = whyNobodyCould({
    required: listGoLive(product, { type }),
    own: [request.requestedBy, ...(request.askedThrough ?? [])],
    solo: product.approvals.solo === true,
    holders: (role) =>
      installation.people
        .filter(
          ({ roles, deputies }) =>
            roles.includes(role) || deputies.some((d) => d.for === role && d.from <= day && day <= d.until),
        )
        .map(({ name }) => name),
  });
  if (why === undefined) return [];
  return [`nobody could approve go-live of this ${type} release: ${why}; ${adviseOnNobody(product.name)}`];
}
