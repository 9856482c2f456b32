import * as field from '../../../config/schema/fields.ts';
import { defineStore } from '../store-provider.ts';

export const folderStore = defineStore({
  keys: { folder: field.localPath.optional().describe('A folder that all processes share.') },
  read: ({ folder }, { resolve }) => ({ kind: 'folder' as const, folder: resolve(folder!) }),
  load: () => import('./folder-store.ts'),
});
