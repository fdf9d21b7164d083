// Metadata of a benchmark model's GGUF file: what llama.cpp and the engine read, with a vocabulary of bytes and byte pairs.
import { shapeMetadata } from '../../engine/prediction/shape_checkpoint.ts';
import { byteOfCharacter } from '../../engine/tokenizer/byte_alphabet.ts';
import { shapedModel, type ModelShape } from './model_shapes.ts';
import type { MatrixType } from './model_tensors.ts';

/** Numbers of the file types, informative only. */
const fileTypes: Record<MatrixType, number> = { F32: 0, F16: 1, Q4_0: 2, Q8_0: 7, Q4_K: 14 };
const quantizationVersion = 2;
const tokenTypes = { normal: 1, control: 3 };

const f32 = (value: number) => ({ type: 'f32', value });

/** Keys in file order, for support/gguf_writer.ts. */
export function modelMetadata(name: string, s: ModelShape, type: MatrixType): Record<string, unknown> {
  return {
    ...shapeMetadata(shapedModel(`benchmark ${name}`, s)),
    'qwen3next.attention.layer_norm_rms_epsilon': f32(1e-6),
    'qwen3next.rope.freq_base': f32(1e7),
    'general.file_type': fileTypes[type],
    'general.quantization_version': quantizationVersion,
    ...vocabulary(s.vocabulary),
  };
}

/** 256 bytes, then pairs of them in the order of their merges, then the end of text. */
function vocabulary(size: number): Record<string, unknown> {
  const bytes = [...byteOfCharacter.keys()];
  // Printable ones first: a small vocabulary has pairs for the bytes that texts are made of.
  const [control, printable] = [bytes.slice(0, 32), bytes.slice(32)];
  const common = [...printable, ...control];
  const side = Math.ceil(Math.sqrt(size));
  const pairs = Array.from({ length: size - bytes.length - 1 }, (_, i) => [
    common[Math.floor(i / side)] as string,
    common[i % side] as string,
  ]);
  const tokens = [...bytes, ...pairs.map(pair => pair.join('')), '<|endoftext|>'];
  return {
    'tokenizer.ggml.model': 'gpt2',
    'tokenizer.ggml.pre': 'qwen2',
    'tokenizer.ggml.tokens': tokens,
    'tokenizer.ggml.token_type': tokens.map((_, id) => ({
      type: 'i32',
      value: id === size - 1 ? tokenTypes.control : tokenTypes.normal,
    })),
    'tokenizer.ggml.merges': pairs.map(pair => pair.join(' ')),
    'tokenizer.ggml.eos_token_id': size - 1,
    'tokenizer.ggml.padding_token_id': size - 1,
    'tokenizer.ggml.add_bos_token': false,
  };
}
