// The work that variants are compared on: a model's own weights and shapes, with made-up activations.
import type { CommandList } from '../gpu/dispatch.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import { attentionBatch } from '../kernels/attention_batch.ts';
import { attentionFew } from '../kernels/attention_few.ts';
import type { KvCache } from '../kernels/kv_cache.ts';
import { rows } from '../kernels/launch.ts';
import { gatedNormMatvec } from '../kernels/gated_norm_matvec.ts';
import { matmul } from '../kernels/matmul.ts';
import { noRing } from '../kernels/matvec.ts';
import { moeRoute } from '../kernels/moe_route.ts';
import { normMatvec } from '../kernels/norm_matvec.ts';
import type { Qwen3Next } from '../model/qwen3_next.ts';
import { attentionGate, attentionInputs } from '../model/layers/attention_inputs.ts';
import { fewRowsExperts } from '../model/layers/few_rows.ts';
import { experts, route } from '../model/layers/sparse_moe.ts';
import { squaresAt } from '../model/sequence/scratch.ts';
import type { TunedPart } from './candidates.ts';

/** One piece of work. */
export interface Trial {
  record(list: CommandList): void;
  /** What it writes, with the number of values that count. */
  outputs: readonly { tensor: GpuTensor; values: number }[];
}
export interface Trials {
  /** Absent where the model has nothing of the kind. */
  parts: Partial<Record<TunedPart, Trial>>;
  /** Records what the trials need to be there; once. */
  prepare(list: CommandList): void;
  dispose(): void;
}

/** Positions that attention of a batch looks back over. */
const keysBefore = 384;
/** Positions that attention of a single token looks back over: enough for as many splits as any device wants. */
const longKeysDefault = 16_384;
/** Values of the experts that are compared; all of a large batch would take most of the time. */
const comparedMax = 2 ** 18;
/** Rows of the head that are multiplied with: all of a large vocabulary would take most of the time. */
const headRowsMax = 16_384;

/** The trials of a loaded model. They write into its scratch buffers: nothing else may run meanwhile. */
export function trialsOf(
  model: Qwen3Next,
  { longKeysMax = longKeysDefault }: { longKeysMax?: number } = {},
): Trials {
  const { gpu, config, weights, batchTokensMax: batch, contextTokensMax } = model;
  const { short: kvFormat } = model.kvPlan;
  const { scratch: s } = model.pass;
  const { hiddenSize: H, rmsEps: eps, headCount: heads, kvHeadCount: kvHeads, headDim: dim } = config;
  const made: GpuTensor[] = [];
  const make = (label: string, shape: number[], element: 'f32' | 'u32' = 'f32'): GpuTensor => {
    const tensor = gpu.buffers.create(label, shape, element);
    made.push(tensor);
    return tensor;
  };
  s.x.write(activations(batch * H));
  const { mixer, input_layernorm: gain } = weights.layers[0] as (typeof weights.layers)[number];
  const projection = mixer.kind === 'full' ? mixer.qkv : mixer.in_proj;
  const [matrix] = projection.matrices;
  // Which experts a row goes to is chosen once: a variant that rounds may choose others.
  const withExperts = weights.layers.find(({ mlp }) => mlp.kind === 'moe');
  const moe = withExperts?.mlp.kind === 'moe' ? withExperts.mlp : undefined;
  const used = config.expertsPerToken + (moe?.shared_expert ? 0 : 1);
  const prepares: Trials['prepare'][] = [];
  if (moe) {
    s.normed.write(activations(batch * H));
    prepares.push(list => {
      moe.gate.run(list, rows(s.normed, H), s.routed, batch);
      route(list, config, moe, s, batch);
    });
  }
  const parts: Trials['parts'] = {};
  if (matrix) {
    const y = rows(s.projected, projection.width);
    const head = firstRows(weights.lm_head, headRowsMax);
    // What adds to the residual stream finds the same one every time.
    const x = make('tried x', [H]);
    x.write(activations(H));
    // There are sums of squares among them.
    s.mixed.write(activations(s.mixed.length).map(Math.abs));
    parts.decode = {
      record(list) {
        const one = { count: 1, eps };
        list.copy(x, 0, s.x, 0, H * 4);
        projection.runNormed(list, { x: rows(s.x, H), gain }, s.projected, one);
        normMatvec(list, { x: rows(s.x, H), gain, w: [head], y: rows(s.logits, head.rows) }, one);
        if (withExperts) fewRowsExperts(list, config, withExperts, s, 1);
        if (mixer.kind === 'linear')
          gatedNormMatvec(
            list,
            {
              o: s.mixed,
              z: projection.view('z', s.projected),
              gain: mixer.norm,
              w: mixer.out_proj,
              y: rows(s.x, H),
            },
            {
              ...one,
              heads: config.linearValueHeads,
              dim: config.linearValueDim,
              tileHeads: config.valueHeadOrder === 'tiled' ? config.linearKeyHeads : 0,
              squaresAt: squaresAt(s, config),
              ring: noRing,
            },
          );
      },
      outputs: [
        { tensor: s.projected, values: projection.width },
        { tensor: s.logits, values: head.rows },
        { tensor: s.x, values: H },
      ],
    };
    parts.workgroups = parts.decode;
    parts.matmul = {
      record(list) {
        matmul(list, rows(s.x, H), matrix, y, { count: batch });
        if (moe) experts(list, config, moe, s, batch);
      },
      outputs: [
        { tensor: s.projected, values: batch * projection.width },
        ...(moe ? [{ tensor: s.expertOut, values: Math.min(comparedMax, batch * used * H) }] : []),
      ],
    };
  }
  if (moe) {
    const { expertCount, expertsPerToken: chosen, normTopkProb: renormalise } = config;
    const choice = make('tried choice', [chosen + 1, 2], 'u32');
    const logits = moe.gate.view('router', s.routed);
    const shared = moe.gate.view('shared', s.routed);
    parts.route = {
      record: list =>
        moeRoute(list, { logits, shared, choice }, { count: 1, experts: expertCount, chosen, renormalise }),
      // The weights; others than the largest would have others.
      outputs: [{ tensor: choice, values: 2 * (chosen + 1) }],
    };
  }
  const full = weights.layers.find(layer => layer.mixer.kind === 'full')?.mixer;
  if (full?.kind === 'full') {
    const { words, layout } = model.kvPages;
    /** A cache of so many positions, whole batches of which are filled with what the layer makes of the activations. */
    const filledCache = (label: string, positions: number): KvCache => {
      const pages = Math.ceil(positions / layout.short);
      const kv = (what: string) => make(`tried ${what} ${label}`, [pages, words], 'u32');
      const table = make(`tried pages ${label}`, [pages], 'u32');
      table.write(Uint32Array.from({ length: pages }, (_, page) => page));
      const page = { positions: layout.short, words };
      const cache: KvCache = { format: kvFormat, page, keys: kv('keys'), values: kv('values'), table };
      prepares.push(list => {
        full.qkv.run(list, rows(s.x, H), s.projected, batch);
        for (let start = 0; start < positions; start += batch)
          attentionInputs(list, config, full, cache, s, {
            count: Math.min(batch, positions - start),
            start,
            ropeRow: 0,
          });
      });
      return cache;
    };
    const longKeys = Math.min(longKeysMax, contextTokensMax);
    const few = filledCache('of single tokens', longKeys);
    const cache = filledCache('of batches', keysBefore + batch);
    const given = {
      q: s.q,
      ...attentionGate(config, full.qkv, s),
      o: s.gated,
      partial: s.partial,
      stats: s.stats,
    };
    parts.attention = {
      record: list =>
        attentionBatch(list, { ...given, cache }, { count: batch, start: keysBefore, heads, kvHeads, dim }),
      outputs: [{ tensor: s.gated, values: batch * heads * dim }],
    };
    parts.fewAttention = {
      record: list =>
        attentionFew(list, { ...given, cache: few }, { count: 1, start: longKeys - 1, heads, kvHeads, dim }),
      outputs: [{ tensor: s.gated, values: heads * dim }],
    };
  }
  return {
    parts,
    prepare: list => prepares.forEach(prepare => prepare(list)),
    dispose: () => {
      for (const tensor of made.splice(0)) tensor.dispose();
    },
  };
}

/** The first rows of a matrix, in the same planes. */
function firstRows(w: Qwen3Next['weights']['lm_head'], most: number): Pick<typeof w, keyof typeof w> {
  const part = w.parts[0] as (typeof w.parts)[number];
  const rowCount = Math.min(part.rowCount, most);
  return Object.assign(Object.create(w) as typeof w, { rows: rowCount, parts: [{ ...part, rowCount }] });
}

/** Values about as large as those of a residual stream, the same every time. */
function activations(count: number): Float32Array<ArrayBuffer> {
  const out = new Float32Array(count);
  let state = 1;
  for (let i = 0; i < count; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    out[i] = (state / 2 ** 32 - 0.5) * 3.4;
  }
  return out;
}
