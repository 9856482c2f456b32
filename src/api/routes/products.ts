import { z } from 'zod';
import { PLAIN_COMMAND_NAMES } from '../../release/commands/command-table.ts';
import { mayDo, mayStart } from '../../release/commands/permissions.ts';
import { ENVIRONMENT_KINDS } from '../../release/names.ts';
import { listRoles } from '../../release/policy/approvers.ts';
import { principalOf } from '../auth/authenticate.ts';
import { listStopped } from '../commands/find-product.ts';
import { type ApiDeps, permissionsOf } from '../deps.ts';
import { problems, releaseType, role } from '../schemas/common.ts';
import type { RouteApp } from './route-app.ts';

const product = z.object({
  name: z.string(),
  title: z.string(),
  environments: z.array(z.object({ name: z.string(), kind: z.enum(ENVIRONMENT_KINDS), url: z.string() })),
  registries: z.array(z.string()),
  goLiveApprovals: z.partialRecord(releaseType, z.array(role)),
});

/** What can be released, and who is asking. */
export function routeProducts(app: RouteApp, deps: ApiDeps): void {
  app.get(
    '/products',
    {
      schema: {
        summary: 'Products of this installation',
        tags: ['products'],
        response: {
          200: z.object({
            products: z.array(product),
            stopped: z
              .array(z.object({ name: z.string(), why: z.string() }))
              .describe('Products that mistakes of the configuration stop'),
          }),
          ...problems,
        },
      },
    },
    async () => ({
      stopped: listStopped(deps),
      products: Object.values(deps.installation.products).map((settings) => ({
        name: settings.name,
        title: settings.title,
        environments: settings.environments.map(({ name, kind, url }) => ({ name, kind, url })),
        registries: settings.release.publishRegistries,
        goLiveApprovals: Object.fromEntries(
          Object.entries(settings.policy).map(([type, policy]) => [type, listRoles(policy.goLiveApprovals)]),
        ),
      })),
    }),
  );

  app.get(
    '/me',
    {
      schema: {
        summary: 'Who is asking, and what that person may do',
        tags: ['people'],
        response: {
          200: z.object({
            name: z.string(),
            displayName: z.string(),
            roles: z.array(role),
            mayStart: z.boolean(),
            commands: z.array(z.string()),
          }),
          ...problems,
        },
      },
    },
    async (request) => {
      const { name, displayName, roles } = principalOf(request);
      const permissions = permissionsOf(deps);
      return {
        name,
        displayName,
        roles,
        mayStart: mayStart(permissions, 'release', roles),
        commands: PLAIN_COMMAND_NAMES.filter((name) => mayDo(permissions, name, roles)),
      };
    },
  );
}
