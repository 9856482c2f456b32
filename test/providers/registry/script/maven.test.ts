import { createHash } from 'node:crypto';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MavenRepository, startMavenRepository } from '../../../support/server/maven-repository.ts';
import { type ExampleRegistry, openExample } from './open-example.ts';

const none = async () => undefined;

describe('the example for Maven, against a repository that takes each file once', () => {
  let root: string;
  let repository: MavenRepository;
  let maven: ExampleRegistry;

  beforeAll(async () => {
    root = realpathSync(mkdtempSync(join(tmpdir(), 'windlass-maven-')));
    repository = await startMavenRepository();
    maven = await open(repository.login.password);
  });

  afterAll(async () => {
    await repository?.stop();
    rmSync(root, { recursive: true, force: true });
  });

  async function open(password: string): Promise<ExampleRegistry> {
    const variables = {
      MAVEN_URL: repository.url,
      MAVEN_USERNAME: repository.login.username,
      MAVEN_PASSWORD: password,
    };
    return await openExample({
      name: 'maven',
      root: mkdtempSync(join(root, 'world-')),
      package: 'org.example:shop',
      variables,
    });
  }

  /** What `mvn package` leaves, by absolute paths. */
  function make(version: string, text = 'a jar', suffixes = ['.pom', '.jar', '-sources.jar']): string[] {
    return suffixes.map((suffix) => {
      const path = join(mkdtempSync(join(root, 'target-')), `shop-${version}${suffix}`);
      writeFileSync(path, suffix === '.pom' ? `<project><version>${version}</version></project>` : text);
      return path;
    });
  }

  async function build(version: string, ...made: [text?: string, suffixes?: string[]]) {
    return await maven.build(version, make(version, ...made));
  }

  it('publishes once, whatever is repeated, and fetches the same bytes back', async () => {
    const built = await build('1.0.0');
    expect(await maven.publish(built)).toBe('done');
    expect(await maven.publish(built)).toBe('done_before');
    expect(await maven.registry.verify(maven.registry.describe(built), '1.0.0')).toContain(built.digest);
  });

  it('puts what Maven checks a file by beside it, and the POM last', () => {
    const jar = 'org/example/shop/1.0.0/shop-1.0.0.jar';
    expect(repository.read(`${jar}.sha1`)).toBe(createHash('sha1').update('a jar').digest('hex'));
    const own = repository.puts
      .filter((path) => !/\.sha\d+$/.test(path))
      .map((path) => path.split('/').at(-1));
    expect(own).toEqual(['shop-1.0.0.jar', 'shop-1.0.0-sources.jar', 'maven-metadata.xml', 'shop-1.0.0.pom']);
  });

  it('finishes an upload that broke off, without sending again what is there', async () => {
    const built = await build('1.1.0');
    repository.failOnce('shop-1.1.0.pom');
    await expect(maven.publish(built)).rejects.toThrow();
    const before = repository.puts.length;
    expect(await maven.publish(built)).toBe('done');
    const again = repository.puts.slice(before).filter((path) => path.includes('/1.1.0/'));
    expect(again.map((path) => path.split('/').at(-1))).toEqual([
      'shop-1.1.0.pom',
      'shop-1.1.0.pom.sha1',
      'shop-1.1.0.pom.sha256',
    ]);
  });

  it('lists versions in their order; a fix of an old line and a pre-release are not the release', async () => {
    await maven.publish(await build('1.10.0'));
    await maven.publish(await build('1.0.1'));
    await maven.publish(await build('2.0.0-rc.1'));
    expect(await maven.registry.listVersions(none)).toEqual([
      '1.0.0',
      '1.0.1',
      '1.1.0',
      '1.10.0',
      '2.0.0-rc.1',
    ]);
    const metadata = repository.read('org/example/shop/maven-metadata.xml');
    expect(metadata).toContain('<release>1.10.0</release>');
    expect(metadata).toContain('<latest>2.0.0-rc.1</latest>');
  });

  it('never goes past somebody else’s bytes under the same version', async () => {
    await maven.publish(await build('3.0.0', 'theirs'));
    await expect(maven.publish(await build('3.0.0', 'ours'))).rejects.toThrow(/changed by somebody else/);
  });

  it('uploads nothing where the POM is missing or a file is no file of this version', async () => {
    const before = repository.puts.length;
    await expect(maven.publish(await build('4.0.0', 'a jar', ['.jar']))).rejects.toThrow(/named no POM/);
    const other = await maven.build('4.0.0', [...make('4.0.0'), ...make('3.9.9', 'old', ['.jar'])]);
    await expect(maven.publish(other)).rejects.toThrow(/shop-3.9.9.jar: not a name of shop 4.0.0/);
    expect(repository.puts).toHaveLength(before);
  });

  it('without the right login nothing is taken', async () => {
    maven = await open('guessed');
    await expect(maven.publish(await build('5.0.0'))).rejects.toThrow(/401/);
    expect(await maven.registry.find('5.0.0', none)).toBeUndefined();
  });
});
