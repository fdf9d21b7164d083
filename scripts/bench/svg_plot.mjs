// Writes plots as SVG: panels with axes, dots for what was measured, lines for what was counted or fitted.

const panelSize = { width: 440, height: 300 };
const margin = { left: 64, right: 16, top: 40, bottom: 46 };
const font = 'font-family="system-ui, sans-serif" font-size="12"';
const ink = '#333333';

/**
 * panels: { title, xLabel, yLabel, series: { name, color, dots?: [x, y][], line?: [x, y][] }[] }[], two in a row.
 * All axes start at 0. The background is painted, so that the plot reads on dark pages too.
 */
export function plotSvg(title, panels) {
  const columns = Math.min(2, panels.length);
  const head = 34;
  const width = columns * panelSize.width;
  const height = head + Math.ceil(panels.length / columns) * panelSize.height;
  const body = panels.map((panel, i) => {
    const [x, y] = [(i % columns) * panelSize.width, head + Math.floor(i / columns) * panelSize.height];
    return `<g transform="translate(${x} ${y})">${panelSvg(panel)}</g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(title)}" ${font} fill="${ink}">
<rect width="100%" height="100%" fill="#ffffff"/>
<text x="${width / 2}" y="24" text-anchor="middle" font-size="15">${escaped(title)}</text>
${body.join('\n')}
</svg>
`;
}

function panelSvg({ title, xLabel, yLabel, series }) {
  const points = series.flatMap(({ dots = [], line = [] }) => [...dots, ...line]);
  const xTicks = ticks(Math.max(...points.map(([x]) => x)));
  const yTicks = ticks(Math.max(...points.map(([, y]) => y)));
  const [right, bottom] = [panelSize.width - margin.right, panelSize.height - margin.bottom];
  const x = value => round(margin.left + (value / xTicks.at(-1)) * (right - margin.left));
  const y = value => round(bottom - (value / yTicks.at(-1)) * (bottom - margin.top));
  const grid = [
    ...yTicks.map(
      tick =>
        `<line x1="${margin.left}" x2="${right}" y1="${y(tick)}" y2="${y(tick)}" stroke="#dddddd"/><text x="${margin.left - 6}" y="${y(tick) + 4}" text-anchor="end">${number(tick)}</text>`,
    ),
    ...xTicks.map(
      tick => `<text x="${x(tick)}" y="${bottom + 17}" text-anchor="middle">${number(tick)}</text>`,
    ),
  ];
  const drawn = series.map(({ color, dots = [], line = [] }) => {
    const path = line.length
      ? `<polyline fill="none" stroke="${color}" stroke-width="2" points="${line.map(([a, b]) => `${x(a)},${y(b)}`).join(' ')}"/>`
      : '';
    return (
      path + dots.map(([a, b]) => `<circle cx="${x(a)}" cy="${y(b)}" r="3.5" fill="${color}"/>`).join('')
    );
  });
  const legend = series.map(
    ({ name, color }, i) =>
      `<rect x="${margin.left + 10}" y="${margin.top + 6 + i * 17}" width="10" height="10" fill="${color}"/><text x="${margin.left + 26}" y="${margin.top + 15 + i * 17}">${escaped(name)}</text>`,
  );
  const middleY = (margin.top + bottom) / 2;
  return [
    `<text x="${(margin.left + right) / 2}" y="${margin.top - 14}" text-anchor="middle" font-weight="600">${escaped(title)}</text>`,
    ...grid,
    `<text x="${(margin.left + right) / 2}" y="${panelSize.height - 10}" text-anchor="middle">${escaped(xLabel)}</text>`,
    `<text x="14" y="${middleY}" text-anchor="middle" transform="rotate(-90 14 ${middleY})">${escaped(yLabel)}</text>`,
    ...drawn,
    ...legend,
  ].join('\n');
}

/** 0 and up to six round values, the last not below `largest`. */
export function ticks(largest) {
  const rough = Math.max(largest, Number.MIN_VALUE) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step =
    [1, 2, 2.5, 5, 10].map(factor => factor * power).find(size => size >= rough * 0.999) ?? 10 * power;
  const count = Math.ceil(largest / step - 1e-9);
  return Array.from({ length: count + 1 }, (_, i) => Number((i * step).toPrecision(10)));
}

function number(value) {
  return value >= 1000
    ? value.toLocaleString('en-US').replaceAll(',', '\u202f')
    : String(Number(value.toPrecision(4)));
}

function round(value) {
  return Math.round(value * 10) / 10;
}

function escaped(text) {
  return String(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
