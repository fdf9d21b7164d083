// Plain kernels whose speed says what a device can do with an access pattern, as the yardstick for the engine's own: a stream
// of 16-byte reads, a chain of multiply-adds, and a product with sizes as constants and weights laid out as the lanes read them.
import type { Dispatch } from '../../engine/gpu/dispatch.ts';
import type { PipelineSpec } from '../../engine/gpu/pipeline.ts';
import type { GpuTensor } from '../../engine/gpu/tensor.ts';

/** Bits of one stored weight. 4 and 8: codes with one f16 scale for 32 along the row. */
export type CodeBits = 4 | 8 | 16 | 32;

export interface PlainProduct {
  bits: CodeBits;
  /** Rows of x, a multiple of rowsPerLane. */
  rows: number;
  /** A multiple of 4 × lanes. */
  outputs: number;
  /** A multiple of 32. */
  columns: number;
  /** Lanes of a workgroup. */
  lanes: number;
  /** Lanes are one subgroup of 8 that passes x round. */
  shuffle: boolean;
}

/** Rows of x that share one read of the weights: one when decoding, else eight. */
export function rowsPerLane(rows: number): number {
  return rows === 1 ? 1 : 8;
}

/** Words of one matrix's codes and of its scales. */
export function plainWords({ bits, outputs, columns }: PlainProduct): { codes: number; scales: number } {
  return { codes: (outputs * columns * bits) / 32, scales: bits > 8 ? 0 : (outputs * columns) / 64 };
}

/**
 * y[t, m] = sum_k w[m, k] x[t, k]. Four outputs share a vec4u, one component each; it holds the next 32 / bits of k.
 * codes u32 [copies, K * bits / 32, M / 4, 4]; scales f16 [copies, K / 32, M]; x f32 [T, K]; y f32 [T, M].
 */
export function plainProduct(
  p: PlainProduct,
  {
    codes,
    scales,
    x,
    y,
    copy,
  }: { codes: GpuTensor; scales: GpuTensor; x: GpuTensor; y: GpuTensor; copy: number },
): Dispatch {
  const words = plainWords(p);
  return {
    spec: productSpec(p),
    tensors: [codes, scales, x, y],
    words: [(copy * words.codes) / 4, (copy * words.scales) / 2],
    groups: [p.outputs / 4 / p.lanes, p.rows / rowsPerLane(p.rows)],
  };
}

function productSpec(p: PlainProduct): PipelineSpec {
  const perLane = rowsPerLane(p.rows);
  const each = (line: (row: number) => string) =>
    Array.from({ length: perLane }, (_, row) => line(row)).join(' ');
  const quads = p.columns / 4;
  const vectors = p.outputs / 4;
  const xQuad = (row: number, quad: string) => `x[(t0 + ${row}u) * ${quads}u + ${quad}]`;
  // Quads of x that one 16-byte read of weights meets; wider weights take several reads a quad instead.
  const quadsPerStep = p.bits === 4 ? 2 : 1;
  const step = Array.from({ length: quadsPerStep }, (_, part) => {
    const quad = `l * ${quadsPerStep}u + ${part}u`;
    const value = (row: number) =>
      p.shuffle ? `subgroupShuffle(x${row}, ${quad})` : xQuad(row, `b * 8u + ${quad}`);
    return `{ ${unpackQuad(p.bits, part)}
      ${each(row => `{ let z = ${value(row)}; s${row} = fma(v0, vec4f(z.x), s${row}); s${row} = fma(v1, vec4f(z.y), s${row}); s${row} = fma(v2, vec4f(z.z), s${row}); s${row} = fma(v3, vec4f(z.w), s${row}); }`)} }`;
  }).join('\n');
  const source = `
@group(0) @binding(0) var<storage, read> codes: array<vec4u>;
@group(0) @binding(1) var<storage, read> scales: array<vec2u>;
@group(0) @binding(2) var<storage, read> x: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;
struct Params { codes_at: u32, scales_at: u32 }
var<immediate> params: Params;
@compute @workgroup_size(${p.lanes})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let m = group.x * ${p.lanes}u + lane;
  let t0 = group.y * ${perLane}u;
  ${each(row => `var a${row} = vec4f(0);`)}
  for (var b = 0u; b < ${p.columns / 32}u; b++) {
    ${p.shuffle ? each(row => `let x${row} = ${xQuad(row, 'b * 8u + lane')};`) : ''}
    ${each(row => `var s${row} = vec4f(0);`)}
    for (var l = 0u; l < ${8 / quadsPerStep}u; l++) {
      ${readStep(p.bits, vectors)}
      ${step}
    }
    let d2 = scales[params.scales_at + b * ${vectors}u + m];
    let d = ${p.bits > 8 ? 'vec4f(1)' : 'vec4f(unpack2x16float(d2.x), unpack2x16float(d2.y))'};
    ${each(row => `a${row} = fma(s${row}, d, a${row});`)}
  }
  ${each(row => `y[(t0 + ${row}u) * ${vectors}u + m] = a${row};`)}
}`;
  return {
    name: `plain product of ${JSON.stringify(p)}`,
    source,
    subgroups: p.shuffle,
  };
}

/** Reads the weights of one step into p (and q, r, s). */
function readStep(bits: CodeBits, vectors: number): string {
  const reads = Math.max(1, bits / 8);
  return Array.from(
    { length: reads },
    (_, i) =>
      `let p${i} = codes[params.codes_at + ((b * ${bits === 4 ? 4 : 8}u + l) * ${reads}u + ${i}u) * ${vectors}u + m];`,
  ).join(' ');
}

/** v0 … v3: weights of four outputs for four successive k. */
function unpackQuad(bits: CodeBits, part: number): string {
  const four = (value: (k: number) => string) => [0, 1, 2, 3].map(k => `let v${k} = ${value(k)};`).join(' ');
  switch (bits) {
    case 4:
      return four(k => `vec4f((p0 >> vec4u(${16 * part + 4 * k}u)) & vec4u(15u)) - 8.0`);
    case 8:
      return four(k => `vec4f((bitcast<vec4i>(p0) << vec4u(${24 - 8 * k}u)) >> vec4u(24u))`);
    case 16:
      return four(k => {
        const halves = ['x', 'y', 'z', 'w'].map(c => `unpack2x16float(p${k >> 1}.${c}).${k % 2 ? 'y' : 'x'}`);
        return `vec4f(${halves.join(', ')})`;
      });
    case 32:
      return four(k => `bitcast<vec4f>(p${k})`);
  }
}

/** Reads of one lane in plainRead. */
const readsPerLane = 64;

/** Reads all of `words` in vec4u, neighbouring lanes neighbouring vectors. `out` takes one word a lane. */
export function plainRead(data: GpuTensor, out: GpuTensor, lanes: number): Dispatch & { bytes: number } {
  const groups = Math.floor(data.length / 4 / lanes / readsPerLane);
  const source = `
@group(0) @binding(0) var<storage, read> data: array<vec4u>;
@group(0) @binding(1) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(${lanes})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  var sum = vec4u(0);
  let at = group.x * ${lanes * readsPerLane}u + lane;
  for (var i = 0u; i < ${readsPerLane}u; i++) { sum ^= data[at + i * ${lanes}u]; }
  out[group.x * ${lanes}u + lane] = sum.x ^ sum.y ^ sum.z ^ sum.w;
}`;
  return {
    spec: { name: `plain read of ${lanes} lanes`, source },
    tensors: [data, out],
    groups: [groups],
    bytes: groups * lanes * readsPerLane * 16,
  };
}

/** Chains of multiply-adds in registers, eight at a time. `out` takes one value a lane. */
export function plainMultiplyAdd(
  out: GpuTensor,
  lanes: number,
  groups: number,
): Dispatch & { flops: number } {
  const rounds = 512;
  const chains = [0, 1, 2, 3, 4, 5, 6, 7];
  const source = `
@group(0) @binding(0) var<storage, read_write> out: array<f32>;
@compute @workgroup_size(${lanes})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let at = group.x * ${lanes}u + lane;
  let b = vec4f(f32(at) * 1e-9);
  ${chains.map(i => `var a${i} = vec4f(${i}) + b;`).join(' ')}
  for (var i = 0u; i < ${rounds}u; i++) { ${chains.map(i => `a${i} = fma(a${i}, vec4f(0.999), b);`).join(' ')} }
  let s = ${chains.map(i => `a${i}`).join(' + ')};
  out[at] = s.x + s.y + s.z + s.w;
}`;
  return {
    spec: { name: `plain multiply-add of ${lanes} lanes`, source },
    tensors: [out],
    groups: [groups],
    flops: groups * lanes * rounds * chains.length * 8,
  };
}
