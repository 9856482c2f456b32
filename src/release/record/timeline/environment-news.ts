import type { EnvironmentRecord } from '../record.ts';

/** What people are told when an environment changes; its name, version, share and backup are in the change itself. */
export type EnvironmentNews =
  | { is: 'backed_up' | 'runs' | 'runs_again' }
  /** A share of the traffic goes to this version. */
  | { is: 'traffic'; version: string }
  /** Instances `first` to `last` of so many run this version. */
  | { is: 'instances'; version: string; first: number; last: number; of: number }
  | { is: 'taken_back'; version: string; by: string };

/** The sentence about what changed. */
export function describeNews(
  { name, version, share, backup }: Partial<EnvironmentRecord> & { name: string },
  news: EnvironmentNews,
): string {
  switch (news.is) {
    case 'backed_up':
      return `database backup ${backup}`;
    case 'runs':
      return `${name} runs ${version}`;
    case 'runs_again':
      return `${name} runs ${version} again`;
    case 'traffic':
      return `${share} % of ${name}'s traffic goes to ${news.version}`;
    case 'instances': {
      const { first, last, of } = news;
      const which = first === last ? `instance ${last}` : `instances ${first} to ${last}`;
      return `${which} of ${of} in ${name} ${first === last ? 'runs' : 'run'} ${news.version}`;
    }
    case 'taken_back':
      return `${name} goes back: ${news.by} takes ${news.version} back`;
  }
}
