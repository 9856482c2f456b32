import { readFileSync } from 'node:fs';
import type { RouteApp } from '../route-app.ts';

const FILES: Record<string, string> = {
  'page.css': 'text/css; charset=utf-8',
  'page.js': 'text/javascript; charset=utf-8',
  'icon.svg': 'image/svg+xml',
};

const FOLDER = new URL('../../page/static/', import.meta.url);

/** The three files of the pages, read once. */
export function routeStaticFiles(app: RouteApp): void {
  for (const [name, type] of Object.entries(FILES)) {
    const text = readFileSync(new URL(name, FOLDER), 'utf8');
    app.get(
      `/${name}`,
      { config: { open: true }, schema: { hide: true } as never },
      async (_request, reply) => reply.type(type).header('cache-control', 'public, max-age=300').send(text),
    );
  }
}
