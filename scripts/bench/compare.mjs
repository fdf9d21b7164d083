// Saved results against new ones: what changed, and whether it changed by more than the runs differ among themselves.
import { percent, round, table } from './table.mjs';

const rates = ['prefill_tps', 'decode_tps'];

/** Rows { model, figure, before, now, change, verdict } of the models that both have, measured with the same work. */
export function compareResults(before, now) {
  const rows = [];
  for (const model of now.models) {
    const old = before.models.find(one => one.name === model.name && sameWork(one.work, model.work));
    if (!old) continue;
    for (const figure of rates) rows.push(compareRate(model.name, figure, old.engine, model.engine));
    for (const figure of ['decode_matvec', 'prefill_matmul'])
      if (old.kernels && model.kernels)
        rows.push(
          row(model.name, `share ${figure}`, old.kernels.shares[figure], model.kernels.shares[figure], ''),
        );
    for (const [figure, value] of Object.entries(model.ratios ?? {}))
      if (old.ratios?.[figure] !== undefined)
        rows.push(row(model.name, figure, old.ratios[figure], value, ''));
  }
  return rows;
}

/** The table, with a line for each reason to doubt it. */
export function comparisonReport(before, now) {
  const rows = compareResults(before, now);
  const lines = [];
  if (before.device !== now.device) lines.push(`The saved results are of another device: ${before.device}.`);
  if (before.core !== now.core) lines.push('The saved results are of another number of cores.');
  if (rows.length === 0) lines.push('The saved results have no model and work in common with these.');
  else
    lines.push(
      table(
        ['model', 'figure', 'before', 'now', 'change', 'verdict'],
        rows.map(({ model, figure, before: b, now: n, change, verdict }) => [
          model,
          figure,
          round(b),
          round(n),
          `${change >= 0 ? '+' : ''}${percent(change)}`,
          verdict,
        ]),
      ),
    );
  return lines.join('\n');
}

function compareRate(model, figure, old, now) {
  const [[oldLow, oldHigh], [low, high]] = [old[`${figure}_range`], now[`${figure}_range`]];
  const verdict = low > oldHigh ? 'faster' : high < oldLow ? 'slower' : 'within the runs';
  return row(model, figure, old[figure], now[figure], verdict);
}

function row(model, figure, before, now, verdict) {
  return { model, figure, before, now, change: now / before - 1, verdict };
}

function sameWork(a, b) {
  return ['prefill', 'decode', 'context'].every(key => a[key] === b[key]);
}
