import { isMap, isSeq, parseDocument } from 'yaml';
import type { ProductState } from '../../../release/views/state.ts';
import { fail } from '../../fail.ts';

/**
 * `state.yml` with the product's entry brought up to date. Comments, order and everything about other products stay
 * as people wrote them; release-related tasks of the product are cleared.
 */
export function editState(text: string, product: string, entry: Partial<ProductState>): string {
  const document = parseChecked(text, 'state.yml');
  if (!isMap(document.contents)) document.contents = document.createNode({}) as never;
  for (const [key, value] of Object.entries(entry)) document.setIn(['products', product, key], value);
  const tasks = document.getIn(['products', product, 'tasks']);
  if (isSeq(tasks)) {
    tasks.items = tasks.items.filter((task) => !/\brelease\b/i.test(String(task)));
    if (tasks.items.length === 0) document.deleteIn(['products', product, 'tasks']);
  }
  return document.toString({ lineWidth: 0 });
}

/** `release-status.yaml` with this release first; an entry of the same version is replaced. */
export function editReleaseStatus(
  text: string,
  entry: { version: string; [field: string]: unknown },
): string {
  const document = parseChecked(text, 'release-status.yaml');
  if (!isMap(document.contents)) document.contents = document.createNode({}) as never;
  const releases = document.get('releases');
  if (!isSeq(releases)) {
    document.set('releases', [entry]);
    return document.toString({ lineWidth: 0 });
  }
  const index = releases.items.findIndex((item) => isMap(item) && item.get('version') === entry.version);
  const node = document.createNode(entry);
  if (index >= 0) releases.items[index] = node;
  else releases.items.unshift(node);
  return document.toString({ lineWidth: 0 });
}

function parseChecked(text: string, file: string) {
  const document = parseDocument(text);
  const [mistake] = document.errors;
  if (!mistake) return document;
  throw fail('Mistake', {
    what: `${file} is not valid YAML: ${mistake.message.split('\n')[0]}`,
    changed: 'nothing',
    next: `correct ${file} in its repository, then retry`,
  });
}
