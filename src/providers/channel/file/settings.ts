import * as field from '../../../config/schema/fields.ts';
import { defineChannel } from '../channel.ts';

export const fileChannel = defineChannel({
  title: 'notice file',
  effect: 'notice-file',
  keepsEachOnce: true,
  keys: { file: field.localPath.optional().describe('A file that gets one JSON line per notice.') },
  read: ({ file }, { resolve }) => ({ file: resolve(file!) }),
  load: () => import('./notice-file.ts'),
});
