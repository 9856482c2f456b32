/** What `windlass config init` writes: a small product that goes all the way, with the choices explained. */
export const STARTER_FILE = `# Windlass: what is released, how, and who decides.
# Check it with "windlass config check". Every key: docs/configuration.md.
# Completion in editors: windlass config schema > windlass.schema.json
# yaml-language-server: $schema=./windlass.schema.json
version: 1

# The Temporal server. Leave "address" out and "windlass dev" finds or starts one.
temporal:
  namespace: default

# Artifacts, logs and archived records. Relative paths start from this file's folder.
store: { folder: ./.windlass/store }

api:
  listen: 127.0.0.1:8080
  # Decisions are signed. "windlass dev" makes keys of its own; everything else needs them here:
  # signing: { key_id: main, private_key: signing_key }
  # verify_keys: [{ key_id: main, public_key: ... }]

# Secrets are never in this file: only where each is found, and which processes may read it.
secrets:
  npm_token: { env: NPM_TOKEN, roles: [release] }

# Who may do what. token_sha256: printf %s "$TOKEN" | sha256sum
people:
  ada: { display_name: Ada Example, email: ada@example.test, roles: [ceo] }
  ben: { display_name: Ben Example, email: ben@example.test, roles: [engineering_lead, on_call] }
  cleo: { display_name: Cleo Example, email: cleo@example.test, roles: [release_manager, on_call] }
  dora: { display_name: Dora Example, email: dora@example.test, roles: [qa, product_manager] }

# Where notices go: slack, email, webhook or file.
channels:
  ceo: [{ file: ./.windlass/notices/ceo.jsonl }]
  team: [{ file: ./.windlass/notices/team.jsonl }]
  on_call: [{ file: ./.windlass/notices/on-call.jsonl }]

products:
  example:
    title: Example
    repository: https://git.example.test/team/example.git
    tag_format: v{version}
    version_files: [package.json]

    registries:
      npm: { url: https://registry.example.test/, access: restricted, token: npm_token }

    # Your own programs, run by argument list and never by a shell.
    scripts:
      build: ops/build
      test: ops/test
      e2e: { run: [ops/e2e, --all], timeout: 20m }
      # load: ops/load
      # profile: ops/profile
      # container: ops/container

    # Leave environments out and the product is a library: review, gates, approval, publish, verify.
    environments:
      staging:
        url: https://staging.example.test
        scripts: { deploy: ops/deploy, migrate: ops/migrate, verify: ops/verify, smoke: ops/smoke }
      production:
        url: https://www.example.test
        scripts:
          backup: ops/backup
          deploy: ops/deploy
          migrate: ops/migrate
          verify: ops/verify
          smoke: ops/smoke
          traffic: ops/traffic
          rollback: ops/rollback
          restore: ops/restore
          status: ops/status

    # What QA walks through by hand before go-live.
    critical_paths: [Sign in, Do the one thing that customers pay for]

    # A release at the end of each sprint; paused until someone enables it.
    # schedule: { day: fri, time: '16:00', time_zone: Europe/Berlin, every_weeks: 2, anchor: 2026-11-20 }
`;
