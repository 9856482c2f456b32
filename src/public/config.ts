/** `windlass/config`: the configuration as Windlass reads it: every mistake at once, else paths, times and defaults. */
export type * from '../config/installation.ts';
export { isConfigMistakes } from '../config/installation.ts';
export { findConfigFile, loadInstallation } from '../config/load.ts';
export type { ConfigMistake } from '../config/mistakes/mistake.ts';
export type { ProductSettings } from '../release/settings.ts';
