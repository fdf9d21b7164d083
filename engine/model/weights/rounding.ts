// Which matrices of a model are rounded while it is loaded, and to what. Choices that many weights hang on stay as they are
// stored (routers), and what every token needs stays at 8 bits (embedding, head, the gates of the delta rule).
import { quantizedBlock, type QuantizedFormat } from '../../kernels/quantize_blocks.ts';
import type { DenseMatrices, LayerSources, MatrixSource, ModelSources } from './sources.ts';

/** Types that are rounded; GGUF's packed ones have been already. */
const plainTypes: readonly string[] = ['F32', 'F16', 'BF16', 'F8_E4M3'];

/** Marks the matrices of `sources` that are to be rounded. */
export function roundSources(sources: ModelSources, format: QuantizedFormat): void {
  mark('Q8_0', [sources.embed_tokens, ...(sources.lm_head ? [sources.lm_head] : [])]);
  for (const layer of sources.layers) roundLayer(layer, format);
  if (!sources.mtp) return;
  mark(format, [sources.mtp.fc]);
  roundLayer(sources.mtp.layer, format);
}

function roundLayer({ mixer, mlp }: LayerSources, format: QuantizedFormat): void {
  const dense = ({ gate_proj, up_proj, down_proj }: DenseMatrices) => [gate_proj, up_proj, down_proj];
  if (mixer.kind === 'full') mark(format, [mixer.q_proj, mixer.k_proj, mixer.v_proj, mixer.o_proj]);
  else {
    mark(format, [mixer.in_proj_qkv, mixer.in_proj_z, mixer.out_proj]);
    mark('Q8_0', [mixer.in_proj_b, mixer.in_proj_a]);
  }
  mark(format, mlp.kind === 'dense' ? dense(mlp) : [...dense(mlp.experts), ...dense(mlp.shared_expert)]);
}

function mark(format: QuantizedFormat, matrices: readonly MatrixSource[]): void {
  for (const matrix of matrices)
    if (
      matrix.columns % quantizedBlock === 0 &&
      matrix.sources.every(({ tensor }) => plainTypes.includes(tensor.type))
    )
      matrix.roundTo = format;
}
