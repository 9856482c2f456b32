import { firstOf, type Repository } from '../look-at-repository.ts';
import { BrokenFile, isData } from '../read-data.ts';

/** The names that Compose itself looks for, in its order. */
const NAMES = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml'];

/** What a compose file runs, as a sentence for people; null where there is none. */
export function describeCompose(repository: Repository): string | null {
  const file = firstOf(repository, NAMES);
  if (file === undefined) return null;
  try {
    const services = repository.data(file)?.['services'];
    const names = isData(services) ? Object.keys(services).filter((name) => /^[\w.-]{1,60}$/.test(name)) : [];
    const which = names.length === 0 ? 'no services' : names.slice(0, 6).join(', ');
    return `${file} (${which}): what runs it is a script of an environment, such as deploy`;
  } catch (error) {
    if (error instanceof BrokenFile) return error.message;
    throw error;
  }
}
