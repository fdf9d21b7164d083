// What pairs of runs say: medians, how the new build compares with the old one, and whether that is more than chance.
import { median, range, spread } from './statistics.mjs';
import { percent, round, table } from './table.mjs';

/** Less confidence than this is noise: so few of several figures are told faster or slower by chance. */
const confidenceWanted = 0.975;

/**
 * Compares values that were measured in pairs, `old[i]` beside `now[i]`. The verdict goes by the ratios of the pairs, which what
 * slows the machine down for a while hardly changes: it is "faster" or "slower" when an interval of at least 97.5 %
 * confidence for their median (by ranks, so no distribution is assumed) lies on one side of 1. `better` says whether more or less of the
 * figure is wanted.
 */
export function comparePairs(old, now, better = 'more') {
  const ratios = old.map((value, i) => (better === 'more' ? now[i] / value : value / now[i]));
  const interval = medianInterval(ratios);
  return {
    old: median(old),
    now: median(now),
    old_range: range(old),
    now_range: range(now),
    /** Above 1 the new build is faster. */
    speed: median(ratios),
    speed_interval: interval ?? null,
    verdict: verdictOf(interval),
  };
}

function verdictOf(interval) {
  if (!interval) return 'not to be told';
  const [low, high] = interval;
  return low > 1 ? 'faster' : high < 1 ? 'slower' : 'within the noise';
}

/** The narrowest interval between two ranks that holds the median with the confidence wanted; fewer than seven values have none. */
export function medianInterval(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const count = sorted.length;
  let found;
  let [outside, ways] = [0, 1];
  for (let k = 0; k < count / 2; k++) {
    // The median lies outside the values of ranks k and count - 1 - k when at most k of all lie on one side of it.
    outside += (2 * ways) / 2 ** count;
    if (1 - outside < confidenceWanted) break;
    found = [sorted[k], sorted[count - 1 - k]];
    ways = (ways * (count - k)) / (k + 1);
  }
  return found;
}

const figures = {
  prefill_tps: { title: 'prefill tok/s', better: 'more' },
  decode_tps: { title: 'decode tok/s', better: 'more' },
  first_token_ms: { title: 'start to first token, ms', better: 'less' },
  cpu_ms: { title: 'processor time of the process, ms', better: 'less' },
};

/** Figures of one model: `old` and `now` are lists of what each process measured. */
export function comparisonOf(old, now) {
  return Object.fromEntries(
    Object.entries(figures)
      .filter(([key]) => old[0]?.[key] !== undefined)
      .map(([key, { better }]) => [
        key,
        comparePairs(
          old.map(one => one[key]),
          now.map(one => one[key]),
          better,
        ),
      ]),
  );
}

/** The comparison for people. */
export function againstReport({ device, old_device: oldDevice, pairs, models, against }) {
  const lines = [
    `device: ${device}`,
    `against: ${against}`,
    `${pairs} pairs of processes, old and new in turns`,
  ];
  if (oldDevice !== device) lines.push(`The old build ran on another device: ${oldDevice}.`);
  for (const { name, work, comparison, counts } of models) {
    const rows = Object.entries(comparison).map(([key, one]) => [
      figures[key].title,
      withSpread(one.old, one.old_range),
      withSpread(one.now, one.now_range),
      one.speed.toFixed(3),
      (one.speed_interval ?? []).map(value => value.toFixed(3)).join(' – '),
      verdictText(one),
    ]);
    lines.push(
      '',
      `${name}: ${work.prefill} tokens read${work.context ? ` after ${work.context}` : ''}, ${work.decode} decoded`,
      table(['figure', 'old', 'new', 'speed', '97.5 % sure', 'the new build is'], rows),
      ...Object.entries(counts).map(([what, [old, now]]) => `${what} a token: ${round(old)} → ${round(now)}`),
    );
  }
  return lines.join('\n');
}

/** "faster by 3.1 %", or that nothing can be told. */
function verdictText({ speed, speed_interval: interval, verdict }) {
  if (!interval) return 'not to be told from so few pairs';
  if (verdict !== 'within the noise') return `${verdict} by ${(Math.abs(speed - 1) * 100).toFixed(1)} %`;
  return `within the noise (± ${(((interval[1] - interval[0]) / 2) * 100).toFixed(1)} %)`;
}

function withSpread(value, ofRuns) {
  return `${round(value)} (± ${percent(spread(ofRuns, value) / 2)})`;
}
