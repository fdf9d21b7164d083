// How the cost of a token grows with context: the hybrid against a control of attention layers only with the same linear
// work. Counted bytes and operations are the evidence, measured times support it.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { say, SetupError } from '../setup/command.mjs';
import { nodePath, root } from '../setup/places.mjs';
import { benchProgram, modelsDirectory } from './places.mjs';
import { measure } from './process.mjs';
import { fitLine } from './statistics.mjs';
import { plotSvg } from './svg_plot.mjs';
import { round, table } from './table.mjs';

const models = {
  hybrid: 'hybrid: 9 DeltaNet + 3 attention layers',
  attention: 'control: 16 attention layers',
};
const colors = { hybrid: '#1a6fd4', attention: '#d4501a' };
const quantities = {
  decode_bytes: { title: 'Counted: bytes moved for a decoded token', unit: 'MB', scale: 1e-6 },
  flops: { title: 'Counted: operations of a token', unit: 'MFLOP', scale: 1e-6 },
  prefill_ms_per_token: { title: 'Measured: time of a prefilled token', unit: 'ms', scale: 1 },
  decode_ms_per_token: { title: 'Measured: time of a decoded token', unit: 'ms', scale: 1 },
};

/** Contexts from 512 to `longest`, doubling. */
export function growthContexts(longest) {
  const contexts = [];
  for (let context = 512; context <= longest; context *= 2) contexts.push(context);
  return contexts;
}

/** Measures both models. Throws SetupError when one cannot be measured. */
export async function measureGrowth({ longest, core, limitMinutes }) {
  mkdirSync(modelsDirectory, { recursive: true });
  const measured = {};
  for (const name of Object.keys(models)) {
    say(`measuring how cost grows with context: ${name}`);
    const args = ['growth', '--name', name, '--directory', modelsDirectory];
    const { value, failed } = await measure(
      `growth-${name}`,
      nodePath,
      [benchProgram, ...args, '--contexts', growthContexts(longest).join(',')],
      { core, limitMinutes },
    );
    if (failed) throw new SetupError(`The growth of ${name} could not be measured: ${failed}`);
    measured[name] = value;
  }
  return growthReport(measured);
}

/** Lines y = a + b n through each quantity of each model, and how many times steeper the control's is. */
export function growthReport(measured) {
  const fits = Object.fromEntries(
    Object.entries(measured).map(([name, { points }]) => [
      name,
      Object.fromEntries(
        Object.keys(quantities).map(key => [key, fitLine(points.map(point => [point.context, point[key]]))]),
      ),
    ]),
  );
  const slopes = Object.fromEntries(
    Object.keys(quantities).map(key => [key, fits.attention[key].b / fits.hybrid[key].b]),
  );
  return {
    device: measured.hybrid.device,
    points: { hybrid: measured.hybrid.points, attention: measured.attention.points },
    fits,
    slope_ratios: slopes,
  };
}

/** The table for people. */
export function growthTable({ fits, slope_ratios }) {
  const rows = Object.entries(quantities).map(([key, { title, unit, scale }]) => [
    title,
    ...Object.keys(models).map(name => {
      const { a, b } = fits[name][key];
      return `${round(a * scale)} + ${round(b * scale * 1024)} n/1024 ${unit}`;
    }),
    `${slope_ratios[key].toFixed(1)} ×`,
    Object.keys(models)
      .map(name => fits[name][key].r2.toFixed(3))
      .join(', '),
  ]);
  return table(['n tokens before', 'hybrid', 'attention only', 'slope', 'r² of both'], rows);
}

/** Writes docs/growth.svg and docs/growth.json; returns their paths from the project's folder. */
export function writeGrowth(report) {
  const panels = Object.entries(quantities).map(([key, { title, unit, scale }]) => ({
    title,
    xLabel: 'tokens before it',
    yLabel: unit,
    series: Object.keys(models).map(name => {
      const { a, b } = report.fits[name][key];
      const dots = report.points[name].map(point => [point.context, point[key] * scale]);
      const longest = dots.at(-1)[0];
      return {
        name: models[name],
        color: colors[name],
        dots,
        line: [0, longest].map(n => [n, Math.max(0, (a + b * n) * scale)]),
      };
    }),
  }));
  const files = { svg: join(root, 'docs', 'growth.svg'), json: join(root, 'docs', 'growth.json') };
  writeFileSync(files.svg, plotSvg(`Cost against context (${report.device})`, panels));
  writeFileSync(files.json, `${JSON.stringify(report, null, 2)}\n`);
  return Object.values(files).map(file => relative(root, file));
}
