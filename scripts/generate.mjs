/**
 * `npm run generate`: writes anew what is derived from the configuration's schema: `schema/windlass.schema.json` and
 * the reference in `docs/configuration.md`. The tests say when they are not current.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './bootstrap.mjs';

const windlass = (...args) => execFileSync(join(ROOT, 'bin/windlass'), args, { encoding: 'utf8' });

const schema = join(ROOT, 'schema/windlass.schema.json');
writeFileSync(schema, windlass('config', 'schema'));
execFileSync(join(ROOT, 'node_modules/.bin/biome'), ['format', '--write', schema], { stdio: 'ignore' });
const page = join(ROOT, 'docs/configuration.md');
const text = readFileSync(page, 'utf8');
const [begin = ''] = text.match(/<!-- reference:begin[^\n]*-->\n/) ?? [];
const end = '<!-- reference:end -->';
const written = text.replace(
  text.slice(text.indexOf(begin), text.indexOf(end)),
  () => `${begin}${windlass('config', 'reference')}`,
);
writeFileSync(page, written);
