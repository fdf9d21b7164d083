// Numbers of bytes as text. Pure.

/** "2.7 GB", "850 MB"; in decimal units, as disks and the hub count. */
export function formatBytes(bytes: number): string {
  return bytes >= 0.9995e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.round(bytes / 1e6)} MB`;
}
