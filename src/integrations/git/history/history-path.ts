import { HistoryError } from '../git-errors.ts';

/** A subfolder as git wants it. @throws HistoryError when it leads out of the repository */
export function cleanPath(path: string): string {
  const cleaned = path.replace(/^(?:\.\/)+/, '').replace(/\/+$/, '');
  if (cleaned === '.') return '';
  if (cleaned.startsWith('/') || /(?:^|\/)\.\.(?:\/|$)/.test(cleaned) || /[\u0000-\u001f]/.test(cleaned)) {
    throw new HistoryError(
      `The path "${path}" must lie inside the repository and be written from its top, such as packages/shop.`,
    );
  }
  return cleaned;
}
