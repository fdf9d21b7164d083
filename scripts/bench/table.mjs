// Tables for people: Markdown that also reads well as plain text.

/** Columns are as wide as their widest cell; columns of numbers are aligned right. */
export function table(head, rows) {
  const cells = [head, ...rows].map(row =>
    row.map(cell => (typeof cell === 'number' ? round(cell) : String(cell ?? ''))),
  );
  const widths = head.map((_, column) => Math.max(3, ...cells.map(row => row[column].length)));
  const right = head.map(
    (_, column) => rows.length > 0 && rows.every(row => typeof row[column] !== 'string'),
  );
  const line = row =>
    `| ${row.map((cell, i) => (right[i] ? cell.padStart(widths[i]) : cell.padEnd(widths[i]))).join(' | ')} |`;
  const rule = `| ${widths.map((width, i) => (right[i] ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width))).join(' | ')} |`;
  return [line(cells[0]), rule, ...cells.slice(1).map(line)].join('\n');
}

/** Three figures that matter, and never fewer than the whole number; whole numbers as they are. */
export function round(value) {
  if (Number.isInteger(value)) return String(value);
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.1 ? 2 : 4);
}

/** 0.734 -> "73 %". */
export function percent(share) {
  return `${(share * 100).toFixed(0)} %`;
}
