import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fillInDevelopmentKeys } from '../../../src/cli/process/development-keys.ts';
import { followEdits } from '../../../src/cli/process/follow-edits.ts';
import { readInstallation } from '../../support/fixture/release-world.ts';
import { waitFor } from '../../support/wait-for.ts';

const FILE = `version: 1
store: { folder: ./store }
people:
  cleo: { roles: [release_manager, qa, on_call, ceo, engineering_lead] }
products:
  shop:
    title: Shop
    repository: ./shop.git
    approvals: solo
    policy: { major: { go_live_approvals: [ceo] } }
    scripts: { test: ops/test, build: ops/build }
  blog:
    title: Blog
    repository: ./blog.git
    approvals: solo
    policy: { major: { go_live_approvals: [ceo] } }
    scripts: { test: ops/test, build: ops/build }
`;

describe('an edited configuration, while windlass dev runs', () => {
  const open = async () => {
    const root = await mkdtemp(join(tmpdir(), 'windlass-edits-'));
    const file = join(root, 'windlass.yaml');
    await writeFile(file, FILE);
    const complete = (written: ReturnType<typeof readInstallation>) =>
      fillInDevelopmentKeys(written, join(root, 'keys'));
    const { installation } = await complete(readInstallation(file));
    let out = '';
    let problems = '';
    const stop = followEdits(
      installation,
      {
        environment: {},
        write: (text) => {
          out += text;
        },
        writeError: (text) => {
          problems += text;
        },
      },
      { complete },
    );
    onTestFinished(async () => {
      await stop();
      await rm(root, { recursive: true, force: true });
    });
    /** As an editor does it: another file in its place. */
    const edit = async (text: string) => {
      await writeFile(`${file}.new`, text);
      await rename(`${file}.new`, file);
    };
    const said = async (what: string) => {
      await waitFor(what, () => `${out}${problems}`.includes(what));
      const all = { out, problems };
      out = '';
      problems = '';
      return all;
    };
    return { installation, edit, said, root };
  };

  it('is taken up, and it is said what changed for which product, and what only the next start reads', async () => {
    const { installation, edit, said, root } = await open();
    const edited = FILE.replace('title: Shop', 'title: Corner shop')
      .replace('build: ops/build }\n  blog', 'build: ops/make }\n  blog')
      .replace('./store', './elsewhere')
      .replace('engineering_lead]', 'engineering_lead, product_manager]');
    await edit(edited);
    const { out } = await said('scripts, addresses');
    expect(out).toContain('  shop: title, scripts.build\n');
    expect(out).not.toContain('blog');
    expect(out).toContain('  for all products: people.cleo.roles\n');
    expect(out).toContain('  from the next start of windlass dev: store.folder\n');
    expect(installation.products['shop']).toMatchObject({
      title: 'Corner shop',
      scripts: { build: { run: ['ops/make'] } },
    });
    expect(installation.people[0]?.roles).toContain('product_manager');
    expect(installation.store).toMatchObject({ folder: join(root, 'store') });
    // What development filled in is still there.
    expect(installation.people[0]?.tokenSha256).toMatch(/^[0-9a-f]{64}$/);
    expect(Object.keys(installation.secrets)).toContain('windlass_dev_signing_key');
  });

  it('with a new product and a new person, and one that is gone', async () => {
    const { installation, edit, said } = await open();
    await edit(
      FILE.replace('  blog:', '  news:')
        .replace('title: Blog', 'title: News')
        .replace('products:', '  dana: { roles: [ceo] }\nproducts:'),
    );
    const { out } = await said('dana: --token-file');
    expect(out).toContain('  blog: is gone; what is in flight of it waits until it is back\n');
    expect(out).toContain('  news: a new product\n');
    expect(out).not.toContain('cleo: --token-file');
    expect(Object.keys(installation.products)).toEqual(['shop', 'news']);
  });

  it('into a mistake of one product stops that one: what is in flight goes on as before, the others are taken up', async () => {
    const { installation, edit, said } = await open();
    await edit(FILE.replace('title: Shop', 'titel: Shop').replace('title: Blog', 'title: Our blog'));
    const { out, problems } = await said('blog: title');
    expect(out).not.toContain('shop');
    expect(problems).toContain('what it says of shop cannot be used: nothing new of shop begins');
    expect(Object.keys(installation.stopped ?? {})).toEqual(['shop']);
    expect(installation.products).toMatchObject({ shop: { title: 'Shop' }, blog: { title: 'Our blog' } });
    await edit(FILE.replace('title: Shop', 'title: Corner shop'));
    await said('shop goes on');
    expect(installation.stopped).toBeUndefined();
    expect(installation.products).toMatchObject({ shop: { title: 'Corner shop' }, blog: { title: 'Blog' } });
  });

  it('with mistakes changes nothing: they are told with their places, and so is that they are gone', async () => {
    const { installation, edit, said } = await open();
    await edit(FILE.replace('title: Shop', 'titel: Shop'));
    const { problems } = await said('cannot be used');
    expect(problems).toContain('everything goes on as before the edit');
    expect(problems).toMatch(/:7:\d+/);
    expect(problems).toContain('titel');
    expect(installation.products['shop']?.title).toBe('Shop');
    await edit(FILE);
    await said('is in order again, and says what it said before');
    await edit('products: [\n');
    await said('cannot be used');
    expect(Object.keys(installation.products)).toEqual(['shop', 'blog']);
  });
});
