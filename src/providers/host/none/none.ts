import { createHash } from 'node:crypto';
import type { Host } from '../host.ts';
import type { IssueStore } from '../host-kind.ts';

/** A product without a host: its issues are files in the store, and there is nothing to look at. */
export function openNoHost(store: IssueStore): Host {
  return {
    title: 'no host',
    openIssue: ({ key, product, title, body, labels }) => {
      const mark = createHash('sha256').update(key).digest('hex').slice(0, 16);
      const name = `issues/${product}/${mark}.md`;
      return {
        name: 'issue-file',
        key,
        target: `issue "${title}"`,
        read: async () => {
          const found = await store.readNamed(name);
          return found ? { is: 'ours', value: { url: `store:${name}` }, proof: name } : { is: 'absent' };
        },
        write: async () => {
          const text = `# ${title}\n\n${body}\n\nLabels: ${labels.join(', ')}\n`;
          await store.putNamed(name, Buffer.from(text));
        },
      };
    },
  };
}
