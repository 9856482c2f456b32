/**
 * Where programs (git, npm, a script's interpreter) are looked for: the worker's own PATH. The one variable that
 * integrations read from the process themselves, because a child that is given a clean environment needs the same
 * PATH by which its program was just found; everything else that they need is handed in.
 */
export function searchPath(): string {
  return process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin';
}
