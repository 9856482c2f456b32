import type { HostKind } from '../host-kind.ts';

/** The release of a tag, by one plain request. */
export const readPage: HostKind['readPage'] = async ({ settings, tag, token, signal }) => {
  const parts = ['repos', ...settings.project.split('/'), 'releases', 'tags', tag].map(encodeURIComponent);
  const answer = await fetch(`${settings.apiUrl.replace(/\/$/, '')}/${parts.join('/')}`, {
    headers: token === undefined ? {} : { authorization: `token ${token}` },
    redirect: 'error',
    signal,
  });
  if (!answer.ok) return { unread: `${new URL(settings.apiUrl).host} answered ${answer.status}` };
  const { body } = (await answer.json()) as { body?: unknown };
  return { text: typeof body === 'string' ? body : '' };
};
