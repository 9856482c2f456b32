import { encodeQuery, type LinkForm } from '../form.ts';

/** Azure DevOps. `#12` is a work item there, `!12` a pull request. */
export const azureDevops: LinkForm = {
  knows: (host) => host === 'dev.azure.com' || host.endsWith('.visualstudio.com'),
  pullMark: '!',
  commit: (base, sha) => `${base}/commit/${encodeQuery(sha)}`,
  issue: (base, number) => `${base.replace(/\/_git\/[^/]+$/, '')}/_workitems/edit/${number}`,
  pull: (base, number) => `${base}/pullrequest/${number}`,
  // What comes after the last release has no name there: which branch is meant is not known.
  compare: (base, from, to) =>
    to === 'HEAD'
      ? null
      : `${base}/branchCompare?baseVersion=GT${encodeQuery(from)}&targetVersion=GT${encodeQuery(to)}`,
  tag: (base, tag) => `${base}?version=GT${encodeQuery(tag)}`,
};
