import { encodeQuery, type LinkForm } from '../form.ts';

/** Bitbucket Cloud. Its comparison names the newer ref first, and a carriage return between them. */
export const bitbucket: LinkForm = {
  knows: (host) => host === 'bitbucket.org',
  pullMark: '#',
  commit: (base, sha) => `${base}/commits/${encodeQuery(sha)}`,
  issue: (base, number) => `${base}/issues/${number}`,
  pull: (base, number) => `${base}/pull-requests/${number}`,
  compare: (base, from, to) => `${base}/branches/compare/${encodeQuery(to)}%0D${encodeQuery(from)}`,
  tag: (base, tag) => `${base}/src/${encodeQuery(tag)}`,
};
