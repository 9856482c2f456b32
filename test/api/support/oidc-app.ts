import { recordAfter, UNTIL_GO_LIVE } from '../../release/views/sample-record.ts';
import { type OidcTestProvider, startOidcProvider } from '../../support/server/oidc-provider.ts';
import { startTestApp, type TestApp } from './test-app.ts';

/** Somebody whom the provider knows; one of her groups is a role here. */
export const EVE = { login: 'eve@corp', password: 'correct horse', groups: ['ceo', 'sailing club'] };

export interface OidcApp {
  provider: OidcTestProvider;
  world: TestApp;
  url: string;
  stop(): Promise<void>;
}

/** The API with an identity provider beside it, and a release that waits for its go-live approval. */
export async function startOidcApp(): Promise<OidcApp> {
  let url = '';
  const provider = await startOidcProvider([EVE], () => `${url}/sign-in/callback`);
  const world = await startTestApp({
    api: {
      oidc: {
        issuer: provider.issuer,
        audience: 'windlass',
        client_id: provider.clientId,
        client_secret: 'oidc_client',
      },
    },
    secrets: { oidc_client: provider.clientSecret },
    clock: () => new Date(),
  });
  url = await world.app.listen({ host: '127.0.0.1', port: 0 });
  world.installation.api.url = url;
  world.gateway.put(recordAfter(UNTIL_GO_LIVE));
  return {
    provider,
    world,
    url,
    stop: async () => {
      await world.close();
      await provider.stop();
    },
  };
}
