/** Reads dependency updates from the messages that Renovate, Dependabot and Greenkeeper write. */

export interface DependencyUpdate {
  name: string;
  /** The version before, or null when the message does not state it. */
  from: string | null;
  to: string;
}

const NAME = '[`"\'\\[]?(@?[A-Za-z0-9_][\\w@./:+-]{0,213})[`"\'\\]]?';
const KIND =
  '(?:\\s+(?:requirement|action|docker tag|docker digest|digest|monorepo|orb|packages?|plugin|module|crate))?';
const VERSION = '[`"\']?((?:[\\^~<>=]+\\s?)?v?\\d[\\w.+-]{0,100}|[0-9a-f]{7,40})[`"\']?';
const FROM_TO = new RegExp(
  `^(?:bump|bumps|update|updates|upgrade|upgrades)\\s+(?:the\\s+)?(?:(?:dev)?dependency\\s+|module\\s+)?${NAME}${KIND}\\s+from\\s+${VERSION}\\s+to\\s+${VERSION}(?=[\\s.,;)]|$)`,
  'i',
);
const DEPENDENCY_TO = new RegExp(
  `^(?:bump|update|upgrade|pin)\\s+(?:(?:dev)?dependency|module)\\s+${NAME}${KIND}\\s+to\\s+(?:version\\s+)?${VERSION}`,
  'i',
);
const KIND_TO = new RegExp(
  `^(?:update|pin)\\s+${NAME}\\s+(?:action|docker tag|monorepo|orb|packages)\\s+to\\s+${VERSION}`,
  'i',
);
const TO_VERSION = new RegExp(`^update\\s+${NAME}\\s+to\\s+version\\s+${VERSION}`, 'i');
const PLAIN_TO = new RegExp(
  `^(?:bump|bumps|update|upgrade)\\s+${NAME}\\s+to\\s+${VERSION}(?=[\\s.,;)]|$)`,
  'i',
);
const BODY_LINE =
  /^(?:Bumps|Updates) [`[]{0,2}(@?[A-Za-z0-9_][\w@./:+-]{0,213})[`\]]{0,2}(?:\([^)\s]{0,300}\))? from `?([\w.^~+-]{1,100}?)`? to `?([\w.^~+-]{1,100}?)`?\.?$/gim;
const TABLE_CHANGE = /`([\w.^~+-]{1,100})` ?(?:->|→) ?`([\w.^~+-]{1,100})`/g;

/**
 * The updates that a commit states, or an empty list when it is about something else.
 *
 * @param description the subject without its type and scope
 * @param body everything after the subject; Dependabot's groups and Renovate's tables are in it
 * @param aboutDependencies whether type or scope say so; then the short form "update x to 1.2" counts too
 */
export function findDependencyUpdates(
  description: string,
  body: string,
  aboutDependencies: boolean,
): DependencyUpdate[] {
  if (!/^(?:bump|update|upgrade|pin)/i.test(description)) return [];
  const exact = FROM_TO.exec(description);
  if (exact !== null) return [update(exact[1], exact[2], exact[3])];
  if (body !== '' && /^bump/i.test(description)) {
    const listed = [...body.matchAll(BODY_LINE)].map((line) => update(line[1], line[2], line[3]));
    if (listed.length > 0) return listed;
  }
  const target =
    DEPENDENCY_TO.exec(description) ??
    KIND_TO.exec(description) ??
    TO_VERSION.exec(description) ??
    (aboutDependencies ? PLAIN_TO.exec(description) : null);
  if (target === null) return [];
  const changes = body.includes('`') ? [...body.matchAll(TABLE_CHANGE)] : [];
  const single = changes.length === 1 ? changes[0] : undefined;
  return [update(target[1], single?.[1], single?.[2] ?? target[2])];
}

function update(name = '', from: string | undefined, to = ''): DependencyUpdate {
  return { name, from: from ?? null, to: to.replace(/[.,]+$/, '') };
}

/**
 * Gathers updates of the same dependency into one: from the oldest version to the newest.
 *
 * @param updates oldest first
 */
export function gatherUpdates(updates: DependencyUpdate[]): DependencyUpdate[] {
  const byName = new Map<string, DependencyUpdate>();
  for (const next of updates) {
    const before = byName.get(next.name);
    byName.set(next.name, before === undefined ? next : { ...next, from: before.from ?? before.to });
  }
  return [...byName.values()].filter((one) => one.from !== one.to);
}
