/**
 * What a commit's type means: its section and how far it moves the version.
 *
 * Sources: conventionalcommits.org 1.0.0 and the Angular convention (feat, fix, perf, revert move a version, the
 * others are not noticed by users), ESLint's prefixes (`New:`, `Update:`, `Breaking:`), Keep a Changelog's own words
 * (`added:`, `removed:`), Odoo's tags (`[IMP]`, `[REM]`) and gitmoji.dev, whose list states a semver level per emoji.
 */
import type { Bump } from '../../names.ts';

/** The groups of changes; the views name and order them. */
export type SectionName =
  | 'added'
  | 'changed'
  | 'performance'
  | 'deprecated'
  | 'removed'
  | 'fixed'
  | 'security'
  | 'reverted'
  | 'dependencies'
  | 'other'
  | 'hidden';

/** The meaning of a type. `hidden` changes appear nowhere unless they break something. */
export interface TypeMeaning {
  type: string;
  section: SectionName;
  bump: Bump | null;
  breaking?: boolean;
}

const feature: TypeMeaning = { type: 'feat', section: 'added', bump: 'minor' };
const fix: TypeMeaning = { type: 'fix', section: 'fixed', bump: 'patch' };
const performance: TypeMeaning = { type: 'perf', section: 'performance', bump: 'patch' };
const changed: TypeMeaning = { type: 'change', section: 'changed', bump: 'patch' };
const breaking: TypeMeaning = { type: 'breaking', section: 'changed', bump: 'major', breaking: true };
const dependencies: TypeMeaning = { type: 'deps', section: 'dependencies', bump: 'patch' };
const security: TypeMeaning = { type: 'security', section: 'security', bump: 'patch' };
const removed: TypeMeaning = { type: 'removed', section: 'removed', bump: 'patch' };
// Semantic versioning, rule 7: a minor version when public functionality is marked as deprecated.
const deprecated: TypeMeaning = { type: 'deprecated', section: 'deprecated', bump: 'minor' };

/** A change that no convention names: shown among the others; users may notice it, so at least a patch. */
export const OTHER: TypeMeaning = { type: 'other', section: 'other', bump: 'patch' };

/** A change that is taken back. */
export const REVERT: TypeMeaning = { type: 'revert', section: 'reverted', bump: 'patch' };

const hidden = (type: string): TypeMeaning => ({ type, section: 'hidden', bump: null });

const MEANINGS: ReadonlyMap<string, TypeMeaning> = new Map<string, TypeMeaning>([
  ...alias(feature, 'feat feats feature features new add added minor'),
  ...alias(fix, 'fix fixes fixed bugfix bugfixes bug hotfix patch'),
  ...alias(performance, 'perf performance optimize optimization'),
  ...alias(
    changed,
    'change changed changes improve improved improvement enhance enhancement update updated upgrade types imp i18n l10n',
  ),
  ...alias(breaking, 'breaking break major'),
  ...alias(dependencies, 'deps dep dependencies dependency'),
  ...alias(security, 'security sec'),
  ...alias(removed, 'removed remove rem'),
  ...alias(deprecated, 'deprecated deprecate'),
  ...alias(REVERT, 'revert reverts'),
  ...alias(hidden('docs'), 'docs doc documentation readme'),
  ...alias(hidden('style'), 'style styles format lint'),
  ...alias(hidden('refactor'), 'refactor refactoring refact ref cleanup clean cln mov'),
  ...alias(hidden('test'), 'test tests testing e2e'),
  ...alias(hidden('build'), 'build'),
  ...alias(hidden('ci'), 'ci workflow workflows'),
  ...alias(
    hidden('chore'),
    'chore chores meta misc wip internal tooling tools infra typo release example examples',
  ),
  ...alias(
    hidden('chore'),
    'playground demo maint maintenance sample samples website site bench benchmark benchmarks merge temp tmp devdeps dev',
  ),
]);

/** gitmoji.dev: emoji and code, with the list's own semver level. */
const GITMOJI: ReadonlyMap<string, TypeMeaning> = new Map<string, TypeMeaning>([
  ...alias(feature, '✨ :sparkles:'),
  ...alias(breaking, '💥 :boom:'),
  ...alias(fix, '🐛 :bug: 🚑 :ambulance: 🩹 :adhesive_bandage: ✏ :pencil2:'),
  ...alias(security, '🔒 :lock:'),
  ...alias(performance, '⚡ :zap:'),
  ...alias(
    dependencies,
    '⬆ :arrow_up: ⬇ :arrow_down: ➕ :heavy_plus_sign: ➖ :heavy_minus_sign: 📌 :pushpin:',
  ),
  ...alias({ ...deprecated, bump: 'patch' }, '🗑 :wastebasket:'),
  ...alias(
    changed,
    '💄 :lipstick: 🌐 :globe_with_meridians: 👽 :alien: 🍱 :bento: ♿ :wheelchair: 💬 :speech_balloon:',
  ),
  ...alias(
    changed,
    '🏷 :label: 🚸 :children_crossing: 👔 :necktie: 🛂 :passport_control: 📈 :chart_with_upwards_trend:',
  ),
  ...alias(changed, '🗃 :card_file_box: 🔧 :wrench: 📦 :package: 🥅 :goal_net: 🦺 :safety_vest:'),
  ...alias(REVERT, '⏪ :rewind:'),
  ...alias(hidden('docs'), '📝 :memo: 💡 :bulb: 📄 :page_facing_up:'),
  ...alias(
    hidden('refactor'),
    '♻ :recycle: 🎨 :art: 🔥 :fire: 🚚 :truck: ⚰ :coffin: 🏗 :building_construction:',
  ),
  ...alias(hidden('test'), '✅ :white_check_mark: 🧪 :test_tube: 📸 :camera_flash: 🤡 :clown_face:'),
  ...alias(hidden('ci'), '👷 :construction_worker: 💚 :green_heart:'),
  ...alias(
    hidden('chore'),
    '🎉 :tada: 🔖 :bookmark: 🚧 :construction: 🙈 :see_no_evil: 👥 :busts_in_silhouette: 🚨',
  ),
  ...alias(
    hidden('chore'),
    ':rotating_light: 🔨 :hammer: 🔀 :twisted_rightwards_arrows: 🔊 :loud_sound: 🔇 :mute:',
  ),
]);

function alias(meaning: TypeMeaning, names: string): [string, TypeMeaning][] {
  return names.split(' ').map((name) => [name, meaning]);
}

/**
 * The meaning of a written type, whatever its case, or null when no convention knows it.
 * ESLint's `Update:` (with a capital) is an enhancement of what exists and moves the minor number; elsewhere
 * `update:` is an ordinary change.
 */
export function meaningOfType(written: string): TypeMeaning | null {
  if (written === 'Update') return { ...feature, type: 'change', section: 'changed' };
  return MEANINGS.get(written.toLowerCase()) ?? null;
}

/** The meaning of a gitmoji, given as emoji (variation selectors ignored) or as `:code:`, or null. */
export function meaningOfEmoji(written: string): TypeMeaning | null {
  return GITMOJI.get(written.replace(/[\ufe0e\ufe0f]/g, '')) ?? null;
}
