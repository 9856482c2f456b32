/** A number of bytes for people, in decimal units as disks are sold: `840 B`, `1.2 kB`, `12 MB`. */
export function nameBytes(bytes: number): string {
  let size = bytes;
  for (const unit of ['B', 'kB', 'MB', 'GB']) {
    if (size < 1_000) return `${unit === 'B' || size >= 10 ? Math.round(size) : size.toFixed(1)} ${unit}`;
    size /= 1_000;
  }
  return `${size.toFixed(1)} TB`;
}
