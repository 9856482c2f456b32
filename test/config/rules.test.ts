import { createHash, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Raw } from './support/config-file.ts';
import { loadGood, mistakesOf, WHOLE, warningsOf } from './support/config-file.ts';

const ALLOWED: string[] = [];

describe('secrets', () => {
  it('must be declared, and the nearest name is offered', () => {
    const found = mistakesOf((_, shop) => {
      shop.registries.npm.token = 'npm_tokn';
    });
    expect(found).toEqual([
      'products.shop.registries.npm.token: the name of a secret that stands under `secrets`',
    ]);
  });

  it('must be readable by the role that needs them', () => {
    const found = mistakesOf((raw) => {
      raw.secrets.npm_token.roles = ['qa'];
    });
    expect(found).toEqual([
      'secrets.npm_token.roles: release among the roles, since it needs this secret for products.shop.registries.npm.token',
    ]);
  });

  it('come from one place each', () => {
    const found = mistakesOf((raw) => {
      raw.secrets.npm_token.file = './x';
    });
    expect(found).toEqual(['secrets.npm_token: exactly one of env, file']);
  });
});

describe('plain http', () => {
  it('is for this machine and for hosts that are named', () => {
    const toOther = (raw: Raw, shop: Raw) => {
      shop.registries.npm.url = 'http://verdaccio:4873';
      raw.insecure_hosts = ALLOWED;
    };
    expect(mistakesOf(toOther)).toEqual([
      'products.shop.registries.npm.url: https://, since this is not on this machine',
    ]);
    const named = mistakesOf((raw, shop) => {
      toOther(raw, shop);
      raw.insecure_hosts = ['verdaccio'];
    });
    expect(named).toEqual([]);
  });

  it('is not taken for this machine’s because of its first letters', () => {
    const found = mistakesOf((_, shop) => {
      shop.registries.npm.url = 'http://127.0.0.1.evil.test';
    });
    expect(found).toHaveLength(1);
  });
});

describe('the address of the API', () => {
  it('must be said where it listens on all addresses', () => {
    const found = mistakesOf((raw) => {
      raw.api.listen = '0.0.0.0:8080';
    });
    expect(found).toEqual([expect.stringContaining('api.listen: url beside it')]);
    const high = mistakesOf((raw) => {
      raw.api.listen = '127.0.0.1:70000';
    });
    expect(high).toEqual(['api.listen: host:port with a port up to 65535']);
  });
});

describe('keys for decisions', () => {
  it('are Ed25519 public keys, as PEM or raw', () => {
    const pem = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }) as string;
    expect(
      mistakesOf((raw) => {
        raw.api.verify_keys[0].public_key = pem;
      }),
    ).toEqual([]);
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({
      type: 'spki',
      format: 'pem',
    });
    const privatePem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' });
    for (const wrong of [rsa, privatePem, 'A'.repeat(44)]) {
      const found = mistakesOf((raw) => {
        raw.api.verify_keys[0].public_key = wrong;
      });
      expect(found).toEqual([
        'api.verify_keys[0].public_key: an Ed25519 public key: PEM, or its 32 bytes in base64',
      ]);
    }
  });

  it('include the one that the API signs with', () => {
    const found = mistakesOf((raw) => {
      raw.api.signing.key_id = 'k2';
    });
    expect(found).toEqual([
      expect.stringContaining('api.signing.key_id: the key_id of an entry of api.verify_keys'),
    ]);
  });
});

describe('people', () => {
  it('are there for every role that decides', () => {
    const found = mistakesOf((raw) => {
      raw.people.dee.roles = ['viewer'];
    });
    expect(found).toEqual([
      'people: a person for each role that decides in releases of shop: product_manager, qa',
    ]);
  });

  it('fill one role of a gate each, unless the product says otherwise', () => {
    const oneForAll = (raw: Raw) => {
      raw.people = {
        ada: { roles: ['ceo', 'engineering_lead', 'release_manager'] },
        ben: { roles: ['on_call', 'qa'] },
        cy: { roles: ['product_manager', 'on_call'] },
      };
    };
    expect(mistakesOf(oneForAll)).toEqual([
      expect.stringContaining('a person of their own for each of ceo, engineering_lead, product_manager'),
      expect.stringContaining('a person of their own for each of ceo, engineering_lead ('),
      expect.stringContaining('a person of their own for each of ceo, release_manager ('),
    ]);
    const allowed = mistakesOf((raw, shop) => {
      oneForAll(raw);
      shop.approvals = { one_person_many_roles: true };
    });
    expect(allowed).toEqual([]);
  });

  it.each(['solo', { solo: true }, { solo: true, remind_after: '2h' }])(
    'may be one person for everything where the product says %j, without a warning',
    (approvals) => {
      const solo = (raw: Raw, shop: Raw) => {
        const roles = ['ceo', 'engineering_lead', 'release_manager', 'product_manager', 'qa', 'on_call'];
        raw.people = { ada: { roles } };
        shop.approvals = approvals;
      };
      expect(mistakesOf(solo)).toEqual([]);
      expect(warningsOf(solo)).toEqual([]);
    },
  );

  it('are found for roles even where the first choice would block another role', () => {
    // ada could be ceo or lead, ben only ceo: only ada as lead and ben as ceo works.
    const found = mistakesOf((raw) => {
      raw.people.ada.roles = ['ceo', 'engineering_lead', 'release_manager'];
      raw.people.ben.roles = ['ceo', 'on_call'];
      raw.people.cy.roles = ['on_call'];
    });
    expect(found).toEqual([]);
  });

  it('are warned of when only one could approve what nobody else may request', () => {
    const found = warningsOf((raw) => {
      raw.people.cy.roles = ['release_manager'];
    });
    expect(found).toEqual(['people: a second person for go-live of a hotfix release (on_call)']);
  });

  it('have tokens of their own, and none that is empty', () => {
    const empty = createHash('sha256').update('').digest('hex');
    const found = mistakesOf((raw) => {
      raw.people.ada.token_sha256 = empty;
      raw.people.ben.token_sha256 = 'a'.repeat(64);
      raw.people.cy.token_sha256 = 'a'.repeat(64);
    });
    expect(found).toEqual([
      'people.ada.token_sha256: the SHA-256 of a token',
      'people.cy.token_sha256: a token of their own',
    ]);
  });
});

describe('a product', () => {
  it.each([{ skip_tests: true }, { skip_tests: false }, { skip_build: true }])(
    'has no switch %j',
    (release) => {
      const found = mistakesOf((_, shop) => {
        shop.release = release;
      });
      expect(found).toEqual([expect.stringContaining('nothing skips the tests or the build')]);
    },
  );

  it('is always smoke tested', () => {
    const found = mistakesOf((_, shop) => {
      shop.release = { run_smoke_tests: false };
    });
    expect(found).toEqual([
      'products.shop.release.run_smoke_tests: true: what goes to production is always smoke tested',
    ]);
  });

  it('cannot drop the tests by its policy', () => {
    const found = mistakesOf((_, shop) => {
      shop.policy = { hotfix: { gates: ['smoke'] } };
    });
    expect(found).toEqual(['products.shop.policy.hotfix.gates: tests among the gates: nothing skips them']);
  });

  it('cannot go live without a person', () => {
    const found = mistakesOf((_, shop) => {
      shop.policy = { patch: { go_live_approvals: [] } };
    });
    expect(found).toEqual([expect.stringContaining('production always needs a person')]);
  });

  it('warns of a gate without script, and refuses one that was asked for by name', () => {
    const withoutLoad = (shop: Raw) => {
      delete shop.scripts.load;
    };
    expect(warningsOf((_, shop) => withoutLoad(shop))).toEqual([
      'products.shop.scripts: the scripts that the policy asks for: load (major, minor, patch)',
    ]);
    const asked = mistakesOf((_, shop) => {
      withoutLoad(shop);
      shop.policy = { patch: { gates: ['tests', 'load'] } };
    });
    expect(asked).toEqual([
      'products.shop.policy.patch.gates: a script load under products.shop.scripts for the gate load',
    ]);
  });

  it('has the scripts that its strategies need', () => {
    const removed = (_: Raw, shop: Raw) => {
      delete shop.environments.production.scripts.traffic;
    };
    expect(mistakesOf(removed)).toEqual([expect.stringContaining('scripts.traffic')]);
    const rolling = mistakesOf((raw, shop) => {
      removed(raw, shop);
      shop.release = { deployment_strategy: 'rolling' };
    });
    expect(rolling).toEqual([]);
  });

  it('needs tests, and a build unless npm packs it', () => {
    const found = mistakesOf((_, shop) => {
      shop.scripts = {};
      shop.registries = {};
    });
    expect(found).toEqual([
      'products.shop: scripts.test: the tests always run',
      'products.shop: scripts.build: only a package for an npm registry can be packed without one',
    ]);
  });

  it('publishes only where a registry is configured', () => {
    const found = mistakesOf((_, shop) => {
      shop.release = { publish_registries: ['npm', 'docker'] };
    });
    expect(found).toEqual([
      expect.stringContaining('products.shop.release.publish_registries[1]: a registry that is'),
    ]);
  });

  it('has any number of stages and regions, and says what each is for', () => {
    const found = mistakesOf((_, shop) => {
      shop.environments.europe = { ...shop.environments.production, kind: 'production', wave: 2 };
      shop.environments.dev = { ...shop.environments.staging, kind: 'staging', wave: 1 };
      shop.environments.qa = shop.environments.staging;
    });
    expect(found).toEqual([
      expect.stringContaining('environments.dev.wave: no wave: stages come one after another'),
      expect.stringContaining('environments.qa: kind: staging or kind: production'),
    ]);
  });

  it('rises to 100 per cent in a canary, step by step', () => {
    const found = mistakesOf((_, shop) => {
      shop.environments.production.canary = [{ percent: 10, soak: '1m' }, { percent: 50 }];
    });
    expect(found).toEqual([expect.stringContaining('canary[1].percent: 100 as the last step')]);
  });
});

describe('times', () => {
  it('of a sprint fit its day', () => {
    // 20 November 2026 is a Friday, the 21st a Saturday.
    const schedule = {
      day: 'fri',
      time: '16:00',
      time_zone: 'Europe/Berlin',
      every_weeks: 2,
      anchor: '2026-11-20',
    };
    const edit = (anchor: string) => (_: Raw, shop: Raw) => {
      shop.schedule = { ...schedule, anchor };
    };
    expect(mistakesOf(edit('2026-11-20'))).toEqual([]);
    expect(mistakesOf(edit('2026-11-21'))).toEqual(['products.shop.schedule.anchor: a fri, as day says']);
    expect(mistakesOf(edit('2026-02-30'))).toEqual([expect.stringContaining('a day that exists')]);
  });

  it('of a freeze end after they begin, in a zone that exists', () => {
    const found = mistakesOf((_, shop) => {
      shop.environments.production.freezes = [
        { name: 'a', time_zone: 'Europe/Berlin', from: '2026-12-20T18:00', until: '2026-12-20T17:00' },
        { name: 'b', time_zone: 'UTC', from: '2026-12-20T18:00' },
        { name: 'c', time_zone: 'UTC', weekly: { days: ['fri'], from: '16:00', until: '08:00' } },
      ];
    });
    expect(found.map((mistake) => mistake.split(': ')[1])).toEqual([
      'later than 2026-12-20T18:00',
      'until, the end of the freeze',
      'later than 16:00 on the same day; a night is two entries',
    ]);
    const zone = mistakesOf((_, shop) => {
      shop.environments.production.freezes = [
        { name: 'a', time_zone: 'Europe/Berln', from: '2026-12-20T18:00', until: '2026-12-21T18:00' },
      ];
    });
    expect(zone).toEqual([expect.stringContaining('an IANA time zone that this machine knows')]);
  });

  it('of a deploy window may reach over midnight, and are for production only', () => {
    const good = (shop: Raw) => {
      shop.environments.production.deploy_windows = [
        { time_zone: 'Europe/Berlin', weekly: { days: ['fri'], from: '22:00', until: '04:00' } },
      ];
    };
    expect(mistakesOf((_, shop) => good(shop))).toEqual([]);
    const found = mistakesOf((_, shop) => {
      good(shop);
      shop.environments.production.deploy_windows.push(
        { time_zone: 'UTC', from: '2026-12-20T18:00', until: '2026-12-20T17:00' },
        { time_zone: 'UTC', from: '2026-12-20T18:00' },
      );
      shop.environments.staging.deploy_windows = shop.environments.production.deploy_windows.slice(0, 1);
    });
    expect(found).toEqual([
      'products.shop.environments.staging.deploy_windows: no such key: windows are for production',
      'products.shop.environments.production.deploy_windows[1].until: later than 2026-12-20T18:00',
      'products.shop.environments.production.deploy_windows[2]: until, the end of the window',
    ]);
  });

  it('carry their unit', () => {
    const found = mistakesOf((_, shop) => {
      shop.approvals = { valid_for: 72 };
    });
    expect(found).toEqual([expect.stringContaining('a length of time with its unit')]);
  });

  it('of approvals and monitoring follow each other', () => {
    const found = mistakesOf((_, shop) => {
      shop.approvals = { remind_after: '4h', escalate_after: '1h' };
      shop.policy = { minor: { monitoring: { window: '10s' } } };
    });
    expect(found.sort()).toEqual([
      'products.shop.approvals.escalate_after: at least remind_after (4h)',
      'products.shop.policy.minor.monitoring.window: at least one interval (1m)',
    ]);
  });
});

it('finds nothing wrong with the configuration that these tests change', () => {
  expect(loadGood(WHOLE).warnings).toEqual([]);
});

describe('rules for commits', () => {
  const withRule = (rule: Raw) =>
    mistakesOf((_, shop) => {
      shop.changelog = { rules: [rule] };
    });

  it.each(['feat', 'feat!', 'security', 'chore!'])('may name the type %s', (type) => {
    expect(withRule({ pattern: '^drop ', type })).toEqual([]);
  });

  it('name a type that the planner knows', () => {
    expect(withRule({ pattern: '^drop ', type: 'wow' })).toEqual([
      'products.shop.changelog.rules[0].type: a type that the conventions know, such as feat, fix, perf, docs or chore',
    ]);
  });

  it.each([
    '(a+)+$',
    '^(\\w+\\s?)*$',
    '([a-z]+)*\\d',
    '^(a|aa)+$',
    '(?:a|b|ab)*c$',
    '^((a{1,30}){1,30})+$',
    '(.*,)*x',
  ])('are refused where they could run for ever: %s', (pattern) => {
    expect(withRule({ pattern, type: 'feat' })[0]).toContain('ends in time');
  });

  it.each([
    '^drop ',
    '\\[(?:feat|fix)\\]',
    '^(?!chore).*new',
    '.*foo.*bar.*',
    '^(?:feat|fix)+:',
    '^(\\w+-){1,10}',
    '^[A-Z]{2,10}-\\d+',
  ])('are accepted where they end: %s', (pattern) => {
    expect(withRule({ pattern, type: 'feat' })).toEqual([]);
  });
});
