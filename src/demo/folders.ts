import { join } from 'node:path';

/** Where everything of a demo lies, under one folder. */
export interface DemoFolders {
  root: string;
  fixture: string;
  config: string;
  origin: string;
  clone: string;
  npm: string;
  temporal: string;
  environments: string;
  notices: string;
  secrets: string;
  logs: string;
}

/** Where everything is below `root`. Makes nothing. */
export function layOutFolders(root: string): DemoFolders {
  return {
    root,
    fixture: join(root, 'demo.json'),
    config: join(root, 'windlass.yaml'),
    origin: join(root, 'origin', 'shop.git'),
    clone: join(root, 'shop'),
    npm: join(root, 'npm'),
    temporal: join(root, 'temporal'),
    environments: join(root, 'environments'),
    notices: join(root, 'notices'),
    secrets: join(root, 'secrets'),
    logs: join(root, 'logs'),
  };
}
