/** The top of `windlass.yaml`: everything that is not about one product. Descriptions become the documentation. */

import { z } from 'zod';
import { CHANNELS } from '../../providers/channel/channels.ts';
import { joinKeys, joinSections } from '../../providers/settings.ts';
import { STORES } from '../../providers/store/stores.ts';
import { DEFAULT_TIMES } from '../../release/policy/default-times.ts';
import { SECRET_READERS } from '../installation.ts';
import * as field from './fields.ts';
import { ledgerSchema } from './ledger-schema.ts';
import { productSchema } from './product-schema.ts';
import { roleName, rolesSchema } from './role-schema.ts';

const temporal = z
  .strictObject({
    address: field.hostAndPort
      .optional()
      .describe('Where the Temporal server listens. Left out: `windlass dev` finds or starts one.'),
    namespace: field
      .text(/^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,198}[A-Za-z0-9])?$/, 'the name of a Temporal namespace')
      .prefault('default')
      .describe('The namespace in which releases run.'),
    tls: z
      .union([
        z.boolean(),
        z.strictObject({
          server_name: field.host.optional().describe("The server's name, if not the address's."),
          ca_file: field.localPath.optional().describe("The certificate authority's file (PEM)."),
          certificate_file: field.localPath.optional().describe("The client's certificate (PEM)."),
          key: field.secretName.optional().describe("The client's private key (PEM)."),
        }),
      ])
      .prefault(false)
      .describe('`true`, or what the connection needs beyond it.'),
    api_key: field.secretName.optional().describe('The API key. Also read from `TEMPORAL_API_KEY`.'),
    payload_keys: z
      .array(
        z.strictObject({
          key_id: field.keyId.describe('The name of the key, carried by each payload.'),
          key: field.secretName.describe(
            'The secret with the key: 32 bytes in base64 (`windlass keys payload` makes one). Every role and the API read it.',
          ),
        }),
      )
      .prefault([])
      .describe(
        'Keys that seal what goes through Temporal. The first seals, every one opens: to change it, put the new one first and keep the old until its releases are over.',
      ),
    sealed_payloads: z
      .boolean()
      .prefault(true)
      .describe(
        '`false` only where nobody else reaches the namespace: whoever does could read and forge everything. `windlass dev` seals only where `payload_keys` are given.',
      ),
  })
  .prefault({})
  .describe('The Temporal server. `TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE` and `TEMPORAL_TLS*` win over it.');

const retention = z
  .strictObject({
    keep_versions: z
      .int({ error: 'a whole number of versions (1 to 10000)' })
      .min(1)
      .max(10_000)
      .optional()
      .describe('The bytes of so many versions of a product stay, the newest by the time of their release.'),
    keep_for: field.duration
      .optional()
      .describe('The bytes of a version stay for so long after its release, such as `90d`.'),
  })
  .refine((value) => Object.keys(value).length > 0, { error: 'keep_versions, keep_for, or both' })
  .optional()
  .describe(
    'For how long bytes of released versions are kept; with both keys what either of them keeps stays. Never deleted: records, logs, notes, what an environment runs or would go back to, and what a flow in progress needs. Default: for ever.',
  );

const store = field
  .exactlyOneOf(z.strictObject({ ...joinKeys(STORES), retention }), Object.keys(STORES))
  .prefault({ folder: './.windlass/store' })
  .describe('Where artifacts, logs and archived records are kept, by digest.');

const api = z
  .strictObject({
    listen: field.hostAndPort.prefault('127.0.0.1:8080').describe('Address and port of the HTTP API.'),
    url: field.url
      .optional()
      .describe('Address under which people reach it. Default: `http://` and `listen`.'),
    trust_proxy: z
      .array(field.network)
      .prefault([])
      .describe(
        'Networks of the proxies before the API. Of a request from there, `X-Forwarded-For` says who sends it: limits count people, not the proxy.',
      ),
    signing: z
      .strictObject({
        key_id: field.keyId.describe('Which of `verify_keys` belongs to it.'),
        private_key: field.secretName.describe('The Ed25519 private key (PEM, PKCS 8).'),
      })
      .optional()
      .describe('The key with which the API signs decisions. Only the API may read it.'),
    verify_keys: z
      .array(
        z.strictObject({
          key_id: field.keyId.describe('The name of the key, carried by each decision.'),
          public_key: field
            .text(/^[A-Za-z0-9+/=_\s-]{40,1000}$/, 'an Ed25519 public key: PEM, or its 32 bytes in base64')
            .describe('Ed25519: PEM, or its 32 bytes in base64.'),
          not_after: field.instant.optional().describe('From then on the key no longer counts.'),
        }),
      )
      .prefault([])
      .describe('The keys by which workers check decisions.'),
    oidc: z
      .strictObject({
        issuer: field.url.describe('The issuer, exactly as in its tokens.'),
        audience: field.line.describe('The audience that tokens must name.'),
        algorithms: z
          .array(z.enum(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'EdDSA']))
          .min(1)
          .prefault(['RS256', 'ES256'])
          .describe('The signature algorithms that are accepted.'),
        roles_claim: field.line.prefault('roles').describe('The claim with the roles.'),
        name_claim: field.line.prefault('preferred_username').describe('The claim with the login.'),
        jwks_url: field.url.optional().describe("The keys' address. Default: found from the issuer."),
        client_id: field.line
          .optional()
          .describe(
            'The client that the provider knows these pages by. With it, the sign-in page leads to the provider; `URL/sign-in/callback` is the redirect address.',
          ),
        client_secret: field.secretName
          .optional()
          .describe('The secret of a confidential client. A public one proves itself by PKCE alone.'),
        scopes: z
          .array(field.line)
          .prefault(['openid', 'profile'])
          .describe('What the sign-in asks for; `openid` is among it.'),
      })
      .optional()
      .describe('Sign-in by an OpenID Connect provider, beside bearer tokens.'),
    cors: z.array(field.url).prefault([]).describe('Origins of other web pages that may call the API.'),
    cookie_key: field.secretName.optional().describe('Key for the session cookies of the pages.'),
  })
  .prefault({})
  .describe('The HTTP API and its pages.');

const person = z
  .strictObject({
    display_name: field.line.optional().describe('The name as people know it. Default: the login.'),
    email: field.email.optional().describe('For approvals that are asked for by mail.'),
    roles: z.array(roleName).min(1).describe('What the person may do.'),
    token_sha256: field
      .text(/^[0-9a-f]{64}$/, 'the SHA-256 of a bearer token as 64 lower-case hexadecimal digits')
      .optional()
      .describe("SHA-256 of the person's bearer token (never the token itself)."),
    deputies: z
      .array(
        z.strictObject({
          for: roleName.describe('The role that is filled.'),
          from: field.date.describe('First day.'),
          until: field.date.describe('Last day.'),
        }),
      )
      .prefault([])
      .describe('Roles that this person fills for a time.'),
  })
  .describe('A person, by login.');

const channel = field
  .exactlyOneOf(z.strictObject(joinKeys(CHANNELS)), Object.keys(CHANNELS))
  .describe('One way of telling people.');

const secret = field
  .exactlyOneOf(
    z.strictObject({
      env: field
        .text(/^[A-Za-z_][A-Za-z0-9_]{0,99}$/, 'the name of an environment variable (not its value)')
        .optional()
        .describe('The environment variable that holds it.'),
      file: field.localPath.optional().describe('The file that holds it; one newline at the end is ignored.'),
      roles: z
        .array(z.enum(SECRET_READERS))
        .prefault([])
        .describe('The processes that may read it. Nobody else may.'),
    }),
    ['env', 'file'],
  )
  .describe('Where a secret is found, and who may read it.');

/** `windlass.yaml` as it is written. The parsed form still has snake_case keys; `normalise.ts` names them anew. */
export const installationSchema = z
  .strictObject({
    version: z
      .literal(1, { error: '1, the only version of this file so far' })
      .prefault(1)
      .describe('The form of this file.'),
    temporal,
    store,
    work_folder: field.localPath
      .optional()
      .describe(
        "Mirrors and checkouts, outside of any repository: a checkout must not find modules, configuration or a repository above it. May be deleted at any time. Default: a folder of this file's own under `$XDG_CACHE_HOME`, else `~/.cache`.",
      ),
    workers: z
      .strictObject({
        shutdown_grace: field.duration
          .prefault(DEFAULT_TIMES.shutdownGrace)
          .describe(
            'How long work in progress may go on once a worker was asked to stop (SIGTERM). Then its scripts are ended and another worker repeats it. Give the process 20 s more than this before it is killed.',
          ),
        isolate_scripts: z
          .enum(['where_possible', 'always', 'never'])
          .prefault('where_possible')
          .describe(
            'Whether build and gate scripts are kept apart by bubblewrap: they see no other process, no file of a secret, no store and no work but their own. `always`: where this machine cannot, nothing is built or tested. `never`: for scripts that need `sudo` or the like.',
          ),
      })
      .prefault({})
      .describe('The workers of every role.'),
    web_ui_url: field.url.optional().describe("Address of Temporal's Web UI, for links."),
    insecure_hosts: z
      .array(field.host)
      .prefault([])
      .describe(
        'Hosts beyond this machine that may be spoken to over plain http, such as a name in a private network.',
      ),
    api,
    roles: rolesSchema,
    ledger: ledgerSchema,
    people: z.record(field.login, person).prefault({}).describe('Who may do what.'),
    channels: z
      .record(field.identifier, z.array(channel))
      .prefault({})
      .describe(
        'Where notices go: `ceo`, `team`, `on_call`, `customers` (the message of a major release), and others that you name.',
      ),
    ...joinSections(CHANNELS),
    secrets: z
      .record(field.identifier, secret)
      .prefault({})
      .describe('Names for secrets. The secrets themselves are never in this file.'),
    products: z.record(field.productName, productSchema).prefault({}).describe('What is released.'),
  })
  .describe('The configuration of Windlass.');

/** What the schema gives back: snake_case, defaults filled in, durations in milliseconds. */
export type ConfigFile = z.output<typeof installationSchema>;
