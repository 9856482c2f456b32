import type { TestRepository } from '../../../integrations/git/history-repository.ts';
import type { Project } from './projects.ts';

/** Writes a project with its history: a release, and what came after. */
export function layOut(repository: TestRepository, { files, tag, commits, at = '' }: Project): void {
  for (const [path, content] of Object.entries(files)) {
    repository.write(
      path,
      typeof content === 'string' ? content : `${JSON.stringify(content, undefined, 2)}\n`,
    );
  }
  repository.git('add', '.');
  repository.commit('chore: as it was released', { file: `${at}begin.txt` });
  repository.git('tag', '-a', tag, '-m', tag);
  for (const [number, message] of commits.entries()) {
    repository.commit(message, { file: `${at}change-${number}.txt` });
  }
}
