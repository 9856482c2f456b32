import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readEnvironment } from '../../src/config/environment.ts';
import { isSecretUnavailable, readSecret } from '../../src/config/secrets.ts';
import { loadGood, WHOLE } from './support/config-file.ts';

describe('reading a secret', () => {
  it('takes it from its variable or file, without the last newline', () => {
    const installation = loadGood(WHOLE);
    mkdirSync(join(dirname(installation.file), 'keys'));
    writeFileSync(join(dirname(installation.file), 'keys/api.pem'), 'line 1\nline 2\n');
    expect(readSecret(installation, 'npm_token', 'release', { NPM_TOKEN: 't0ken' })).toBe('t0ken');
    expect(readSecret(installation, 'api_key', 'api', {})).toBe('line 1\nline 2');
  });

  it('is denied to every role that is not named', () => {
    const installation = loadGood(WHOLE);
    const environment = { NPM_TOKEN: 't0ken' };
    for (const role of ['qa', 'devops', 'writer', 'support', 'workflow', 'api'] as const) {
      expect(() => readSecret(installation, 'npm_token', role, environment)).toThrow(
        `role "${role}" may not read it (release may)`,
      );
    }
    expect(readSecret(installation, 'npm_token', 'release', environment)).toBe('t0ken');
  });

  it('says what is missing and where', () => {
    const installation = loadGood(WHOLE);
    expect(() => readSecret(installation, 'npm_token', 'release', { NPM_TOKEN: '' })).toThrow(
      'the variable NPM_TOKEN is not set or empty',
    );
    expect(() => readSecret(installation, 'api_key', 'api', {})).toThrow('there is no file');
    expect(() => readSecret(installation, 'constructor', 'api', {})).toThrow('does not declare it');
    try {
      readSecret(installation, 'npm_token', 'release', {});
      expect.unreachable();
    } catch (error) {
      expect(isSecretUnavailable(error)).toBe(true);
    }
  });

  it('lets every role read what connects it to Temporal', () => {
    const installation = loadGood(WHOLE, { TEMPORAL_API_KEY: 'k' });
    expect(readSecret(installation, 'temporal_api_key', 'qa', { TEMPORAL_API_KEY: 'k' })).toBe('k');
  });
});

describe('the environment', () => {
  it('is read into meanings, and empty variables count as absent', () => {
    expect(
      readEnvironment({ HOME: '/home/ada', PATH: '/bin', CI: 'true', NO_COLOR: '', TEMPORAL_ADDRESS: '' }),
    ).toEqual({
      hasTemporalApiKey: false,
      cacheFolder: '/home/ada/.cache/windlass',
      home: '/home/ada',
      path: '/bin',
      isCi: true,
      noColor: false,
    });
    expect(
      readEnvironment({ XDG_CACHE_HOME: '/cache', CI: 'false', NO_COLOR: '1', TEMPORAL_TLS: 'true' }),
    ).toEqual({
      hasTemporalApiKey: false,
      temporalTls: true,
      cacheFolder: '/cache/windlass',
      path: '',
      isCi: false,
      noColor: true,
    });
  });
});
