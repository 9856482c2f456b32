/** Builds a repository of a given size with `git fast-import`: the same bytes every time, in some seconds. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';

export interface RepositorySize {
  tags: number;
  commitsPerTag: number;
  /** Commits after the last tag: the range to plan. */
  rangeCommits: number;
}

const TYPES = ['feat', 'fix', 'fix', 'fix', 'chore', 'docs', 'refactor', 'perf', 'test', 'ci'];
const WORDS =
  'reader writer parser cache queue router index buffer session token filter stream window worker'.split(' ');

/** Creates the repository in an empty folder, its refs packed as after a clone. */
export async function buildRepository(folder: string, size: RepositorySize): Promise<void> {
  run(folder, ['init', '--quiet', '--bare', '--initial-branch=main', '.']);
  run(folder, ['config', 'remote.origin.url', 'https://github.com/example/synthetic.git']);
  const child = spawn('git', ['-C', folder, 'fast-import', '--quiet'], {
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  const closed = once(child, 'close');
  let mark = 0;
  let time = 1_400_000_000;
  let [major, minor, patch] = [1, 0, 0];
  const write = async (text: string) => {
    if (!child.stdin.write(text)) await once(child.stdin, 'drain');
  };
  const commit = async () => {
    mark += 1;
    time += 3_600;
    const type = TYPES[mark % TYPES.length] ?? 'fix';
    const word = WORDS[(mark * 7) % WORDS.length] ?? 'reader';
    const bot = mark % 9 === 0;
    const breaking = mark % 400 === 0;
    const who = bot
      ? 'renovate[bot] <bot@example.invalid>'
      : `Person ${mark % 57} <person${mark % 57}@example.invalid>`;
    const subject = bot
      ? `fix(deps): update dependency lib-${word} to v${1 + (mark % 40)}.${mark % 10}.0 (#${mark})`
      : `${type}(${word})${breaking ? '!' : ''}: let the ${word} take item ${mark} (#${mark})`;
    const body = `${subject}\n\nThe ${word} dropped what it could not place; now it keeps it until somebody asks.\nCloses #${mark + 1}\n${breaking ? `\nBREAKING CHANGE: call open() before the ${word} is used.\n` : ''}`;
    const bytes = Buffer.byteLength(body);
    const from = mark === 1 ? '' : `from :${mark - 1}\n`;
    await write(
      `commit refs/heads/main\nmark :${mark}\ncommitter ${who} ${time} +0000\ndata ${bytes}\n${body}\n${from}M 100644 inline src/${word}.txt\ndata ${String(mark).length}\n${mark}\n`,
    );
  };
  for (let tag = 0; tag < size.tags; tag++) {
    for (let at = 0; at < size.commitsPerTag; at++) await commit();
    if (tag % 200 === 199) [major, minor, patch] = [major + 1, 0, 0];
    else if (tag % 4 === 3) [minor, patch] = [minor + 1, 0];
    else patch += 1;
    const name = `v${major}.${minor}.${patch}`;
    const text = `${name}\n`;
    await write(
      `tag ${name}\nfrom :${mark}\ntagger Releaser <releaser@example.invalid> ${time} +0000\ndata ${text.length}\n${text}`,
    );
  }
  for (let at = 0; at < size.rangeCommits; at++) await commit();
  child.stdin.end();
  await closed;
  run(folder, ['pack-refs', '--all']);
}

function run(folder: string, args: string[]): void {
  const result = spawnSync('git', ['-C', folder, ...args], { encoding: 'utf8' });
  if (result.status !== 0) throw new Error(`git ${args[0]} failed: ${result.stderr}`);
}
