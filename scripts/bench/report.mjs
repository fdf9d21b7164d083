// The results as tables.
import { spread } from './statistics.mjs';
import { percent, round, table } from './table.mjs';

const labels = {
  webgpu: 'llama.cpp, WebGPU',
  vulkan: 'llama.cpp, Vulkan',
  cpu: 'llama.cpp, CPU',
  torch: 'PyTorch, CPU',
};

/** Everything that was measured. */
export function report(results) {
  const { device, machine, core, models, start, correctness, dispatches } = results;
  const lines = [
    `device: ${device}`,
    `machine: ${machine.cpu}, ${core === null ? `${machine.cores} cores` : `one core (${core})`}, Node.js ${machine.node}`,
    `right: known answers reached, logits within ${correctness.worst_logit_error.toExponential(1)}`,
  ];
  if (start) lines.push(`process start to first token, embedded model: ${round(start.first_token_ms)} ms`);
  for (const model of models) lines.push('', ...modelReport(model, device));
  if (dispatches) lines.push('', ...dispatchReport(dispatches));
  return lines.join('\n');
}

/** Kernels of a token by how a file is stored, and by how many storage buffers a kernel may bind on a device. */
function dispatchReport(dispatches) {
  const bindings = [...new Set(dispatches.map(one => one.bindings))];
  const mixes = [...new Set(dispatches.map(one => one.mix))];
  const of = (mix, count) =>
    dispatches.find(one => one.mix === mix && one.bindings === count)?.dispatches ?? '';
  return [
    'kernels of a token, layers of Qwen3-Next-80B (counted)',
    table(
      ['stored as', ...bindings.map(count => `${count} bindings`)],
      mixes.map(mix => [mix, ...bindings.map(count => of(mix, count))]),
    ),
  ];
}

function modelReport({ name, work, engine, peers, ratios, kernels }, device) {
  const { prefill, decode, context } = work;
  const lines = [
    `${name}: ${prefill} tokens read${context ? ` after ${context}` : ''}, ${decode} decoded`,
    wholeTable(engine, peers, ratios),
    `first token after ${round(engine.ttft_ms)} ms; ${round(engine.dispatches_per_token)} dispatches a token, ` +
      `${round(engine.host_encode_us_per_token / engine.dispatches_per_token)} µs of host time each; ` +
      `${round(engine.submissions_per_token)} submissions and ${round(engine.waits_per_token)} waits of the host a token, ` +
      `${round(engine.idle_waits_per_token)} of them with the device idle; ` +
      `${round(engine.bytes_per_token / 1e6)} MB moved a token`,
  ];
  for (const [peer, figures] of Object.entries(peers ?? {})) {
    if (figures.failed) lines.push(`${labels[peer]}: not measured, ${figures.failed}`);
    else if (['webgpu', 'vulkan'].includes(peer) && !sameDevice(figures.device, device))
      lines.push(`${labels[peer]}: calls its device "${figures.device}"`);
  }
  if (kernels) lines.push(...kernelReport(kernels));
  return lines;
}

function wholeTable(engine, peers, ratios = {}) {
  const cells = (figures, phase) => {
    const value = figures[`${phase}_tps`];
    return `${round(value)} (± ${percent(spread(figures[`${phase}_tps_range`], value) / 2)})`;
  };
  const own = ['Hearth, WebGPU', cells(engine, 'prefill'), cells(engine, 'decode')];
  const head = ['engine', 'prefill tok/s', 'decode tok/s'];
  if (!peers) return table(head, [own]);
  const times = ratio => `${round(ratio)} ×`;
  const rows = Object.entries(peers).map(([peer, figures]) =>
    figures.failed
      ? [labels[peer], 'not measured', 'not measured', '', '']
      : [
          `${labels[peer]}: ${figures.peer}`,
          cells(figures, 'prefill'),
          cells(figures, 'decode'),
          times(ratios[`prefill_vs_${peer}`]),
          times(ratios[`decode_vs_${peer}`]),
        ],
  );
  return table([...head, 'Hearth prefill', 'Hearth decode'], [[...own, '', ''], ...rows]);
}

/** Peaks, the kernels that multiply by weights, and where the time goes: lines and a table, each a part. */
export function kernelReport({ kernels, shares, read_gbps, multiply_add_gflops, pass_ms, positions, batch }) {
  const rows = kernels
    .filter(one => one.weights)
    .map(({ phase, kernel, count, us, weights, gflops, gbps, plain_gflops, share }) => [
      phase,
      kernel,
      `${weights.format} ${Math.round(weights.outputs)} × ${weights.columns}${weights.experts ? ' (experts)' : ''}`,
      Math.round(weights.rows),
      count,
      us,
      gflops,
      gbps,
      plain_gflops,
      percent(share),
    ]);
  const head = [
    'phase',
    'kernel',
    'weights',
    'rows',
    'times',
    'µs',
    'GFLOP/s',
    'GB/s',
    'plain GFLOP/s',
    'share',
  ];
  return [
    `device peaks by plain kernels: reading ${round(read_gbps)} GB/s, multiply-add ${round(multiply_add_gflops)} GFLOP/s`,
    table(head, rows),
    `share of the plain kernels' speed: decode mat-vec ${percent(shares.decode_matvec)}, prefill matmul ${percent(shares.prefill_matmul)}`,
    ...['decode', 'prefill'].map(phase =>
      whereTheTimeGoes(kernels, phase, { passMs: pass_ms[phase], position: positions[phase], batch }),
    ),
  ];
}

/** Kernels by their share of the pass. */
function whereTheTimeGoes(kernels, phase, { passMs, position, batch }) {
  const byName = new Map();
  for (const { phase: of, kernel, count, us } of kernels)
    if (of === phase) byName.set(kernel, (byName.get(kernel) ?? 0) + (count * us) / 1000);
  const parts = [...byName]
    .sort((a, b) => b[1] - a[1])
    .filter(([, ms]) => ms >= 0.01 * passMs)
    .map(([name, ms]) => `${name} ${percent(ms / passMs)}`);
  const what = `${phase} of ${phase === 'prefill' ? batch : 1} after ${position}`;
  return `${what}, ${round(passMs)} ms: ${parts.join(', ')}`;
}

/** Drivers name themselves at different lengths: the same first word counts as the same device. */
export function sameDevice(a, b) {
  const first = text => /[a-z0-9]+/i.exec(text)?.[0].toLowerCase();
  return first(a) === first(b);
}
