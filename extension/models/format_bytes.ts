// Numbers of bytes as text. Pure.
import { formatNumber } from '../l10n.ts';

/** "2.7 GB", "850 MB"; in decimal units, as disks and the hub count. */
export function formatBytes(bytes: number): string {
  return bytes >= 0.9995e9 ? `${formatNumber(bytes / 1e9, 1)} GB` : `${formatNumber(bytes / 1e6)} MB`;
}
