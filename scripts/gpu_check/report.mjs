// The report of a checked GPU: plain Markdown, to be attached to a bug report. Pure.
import { kernelReport } from '../bench/report.mjs';
import { percent, round, table } from '../bench/table.mjs';

/** `steps` as runSteps() gives them; `about`: version, platform, cpu, node, date. */
export function gpuReport(steps, about) {
  const value = name => steps.find(step => step.name === name)?.value;
  const device = value('device')?.device;
  const failed = steps.filter(step => step.failed !== undefined);
  const lines = [
    '# Hearth GPU check',
    '',
    ...facts(device, about),
    '',
    failed.length === 0
      ? `All ${steps.length} steps passed.`
      : `**${failed.length} of ${steps.length} steps failed:** ${failed.map(({ title }) => title).join(', ')}.`,
    ...(device?.software ? ['', 'This is a software device: its speed says nothing about a GPU.'] : []),
    '',
    '## Speed',
    '',
    ...speed(value),
    '',
    '## What was found wrong',
    '',
    ...wrong(value),
    '',
    '## Steps',
    '',
    table(
      ['step', 'result', 's'],
      steps.map(({ title, failed: why, seconds }) => [
        title,
        why === undefined ? 'passed' : 'FAILED',
        +seconds.toFixed(1),
      ]),
    ),
  ];
  for (const name of ['embedded', 'small']) lines.push(...tuning(name, value(`tune ${name}`)));
  for (const name of ['embedded', 'small']) {
    const kernels = value(`kernels ${name}`);
    if (kernels)
      lines.push('', `## Kernels: ${name}`, '', ...kernelReport(kernels).flatMap(part => [part, '']));
  }
  for (const { title, failed: why, told } of failed)
    lines.push(
      '',
      `## Failed: ${title}`,
      '',
      why,
      ...(told ? ['', '```text', told.replaceAll('```', "'''"), '```'] : []),
    );
  if (device)
    lines.push(
      '',
      '## Features and limits',
      '',
      device.features.join(', '),
      '',
      '```json',
      JSON.stringify(device.limits, null, 2),
      '```',
    );
  return `${lines.join('\n').replaceAll(/\n{3,}/g, '\n\n')}\n`;
}

function facts(device, { version, platform, cpu, node, date }) {
  const rows = [
    ['device', device?.name ?? 'none could be opened'],
    ...(device
      ? [
          ['driver', device.driver],
          ['vendor, architecture', `${device.vendor}, ${device.architecture}`],
          ['backend', device.backend],
        ]
      : []),
    ['system', `${platform}, ${cpu}`],
    ['Hearth', `${version}, Node.js ${node}`],
    ['checked', date],
  ];
  return [
    '| | |',
    '| --- | --- |',
    ...rows.map(([name, text]) => `| ${name} | ${String(text).replaceAll('|', '/')} |`),
  ];
}

/** Tokens a second, and what of the device's measured bandwidth a decoded token takes. */
function speed(value) {
  const kernels = value('kernels small') ?? value('kernels embedded');
  const rows = ['embedded', 'small'].flatMap(name => {
    const bench = value(`bench ${name}`);
    if (!bench) return [];
    const gbps = (bench.bytes_per_token * bench.decode_tps) / 1e9;
    const peak = kernels?.read_gbps;
    return [
      [
        name,
        `${round(bench.prefill_tps)} (${bench.prefill_tokens})`,
        `${round(bench.decode_tps)} (${bench.decode_tokens})`,
        round(bench.ttft_ms),
        round(gbps),
        peak === undefined ? 'not measured' : percent(gbps / peak),
        bench.dispatches_per_token,
      ],
    ];
  });
  if (rows.length === 0) return ['Nothing could be measured.'];
  const head = [
    'model',
    'prefill tok/s (tokens)',
    'decode tok/s (tokens)',
    'first token, ms',
    'decode GB/s',
    'of the peak',
    'kernels a token',
  ];
  return [
    table(head, rows),
    ...(kernels
      ? [
          '',
          `Measured peaks: reading ${round(kernels.read_gbps)} GB/s, multiply-add ${round(kernels.multiply_add_gflops)} GFLOP/s.`,
        ]
      : []),
  ];
}

function wrong(value) {
  const found = ['selfcheck', 'selfcheck small'].flatMap(name => {
    const { dropped = [], wrong: kernels = [], logits } = value(name) ?? {};
    return [
      ...(logits === false
        ? ['The known logits are not those of the embedded model: they were not compared.']
        : []),
      ...dropped.map(one => `Dropped: ${one}`),
      ...kernels,
    ];
  });
  const every = value('every');
  const all = [...found, ...(every?.wrong ?? [])];
  const looked = every
    ? [`Looked at ${every.done} of ${every.total} pairs of a storage type and a variant.`]
    : [];
  return [...(all.length > 0 ? all.map(one => `- ${one}`) : ['Nothing.']), '', ...looked];
}

function tuning(name, tuned) {
  if (!tuned) return [];
  const rows = tuned.measured.map(({ part, variant, us, dropped, chosen }) => [
    part,
    Object.entries(variant)
      .map(([key, one]) => `${key} ${one}`)
      .join(', '),
    us === undefined ? (dropped ?? 'not tried') : `${us.toFixed(0)} µs`,
    chosen ? 'chosen' : '',
  ]);
  return ['', `## Tuner: ${name}`, '', table(['part', 'variant', 'time', ''], rows)];
}
