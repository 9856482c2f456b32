import { BUMPS } from '../../release/names.ts';
import { listGoLive } from '../../release/policy/approval-rules.ts';
import { adviseOnNobody, whyNobodyCould } from '../../release/policy/could-approve.ts';
import type { ProductSettings, ReleaseType } from '../../release/settings.ts';
import type { Principal } from '../auth/principal.ts';
import { whoHas } from '../auth/principal.ts';
import type { ApiDeps } from '../deps.ts';
import { conflict } from '../problem.ts';
import type { StartWish } from './start-release.ts';

/**
 * Refuses, before anything begins, what nobody could approve when it comes to go-live. Of a release whose type the
 * commits decide, only what holds for every type; readiness looks at the one that it is.
 * @throws ApiProblem 409
 */
export function checkApprovers(
  deps: ApiDeps,
  product: ProductSettings,
  principal: Principal,
  wish: StartWish,
): void {
  // Who has which role, only the identity provider knows.
  if (deps.installation.api.oidc) return;
  const types = listTypes(wish);
  const whys = types.map((type) =>
    whyNobodyCould({
      // What a rule asks for counts as asked for: whoever gives that is somebody else.
      required: listGoLive(product, { type }),
      own: [principal.name, ...(wish.askedThrough ?? [])],
      solo: product.approvals.solo === true,
      holders: (role) => whoHas(deps.installation, [role], deps.clock()),
    }),
  );
  const [why] = whys;
  if (why === undefined || whys.includes(undefined)) return;
  throw conflict(
    'nobody-approves',
    `Nobody could approve a ${types.join(' or ')} release of ${product.title}: ${why}.`,
    adviseOnNobody(product.name),
  );
}

function listTypes({ kind = 'release', bump = 'auto' }: StartWish): ReleaseType[] {
  // A hotfix is prepared while somebody is fetched out of bed, who may be given the role meanwhile.
  if (kind !== 'release') return [];
  return bump === 'auto' ? [...BUMPS] : [bump];
}
