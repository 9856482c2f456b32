import type { HostKind } from '../host-kind.ts';

/** The release of a tag, by one plain request. */
export const readPage: HostKind['readPage'] = async ({ settings, tag, token, signal }) => {
  const parts = ['projects', settings.project, 'releases', tag].map(encodeURIComponent);
  const answer = await fetch(`${settings.apiUrl.replace(/\/$/, '')}/${parts.join('/')}`, {
    headers: token === undefined ? {} : { 'private-token': token },
    redirect: 'error',
    signal,
  });
  if (!answer.ok) return { unread: `${new URL(settings.apiUrl).host} answered ${answer.status}` };
  const { description } = (await answer.json()) as { description?: unknown };
  return { text: typeof description === 'string' ? description : '' };
};
