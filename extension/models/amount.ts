// Sizes in words. Pure.

/** "2.7 GB", "850 MB"; decimal units, as disks and hubs count. */
export function amount(bytes: number): string {
  return bytes >= 0.9995e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.round(bytes / 1e6)} MB`;
}
