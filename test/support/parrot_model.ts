// A model for tests that says what it is told. Its file is a real one, so everything from the loader to the command line can be
// tried on an answer of which every token is known: where a thought ends, how a code fence is cut, a text that never ends.
//
// How it works: each token of a script has an axis of its own, which is the only value in its embedding, and the row of
// the head for the token that follows has a value on the same axis. All layers add zero, so what reaches the head is the
// embedding of the last token. All other tokens share axis 0, which leads to <|im_end|>.
//
// Why rounding cannot change what it says: with one value in an embedding, every product of the head is a single term, 128 for
// the token that follows and 0 for each other one. Norms only scale it; 0, 1 and 8 are exact in every storage type. The
// distance is also more than sampling at any usual temperature, or a penalty, gets over: it says the same with those.
//
// What it can't do: see anything but the last token. So a script begins after the token that prompts end with, which is the
// line break after `<|im_start|>assistant` (or after `<think>`) in the family's templates: every turn of a conversation
// gets the same answer, whatever was asked. A token occurs in one place of one script only. A piece said before is
// therefore cut into tokens that are new ("ok" into "o" and "k"), and one of the family's own tokens stands once in a file.
import { writeFileSync } from 'node:fs';
import { modelMetadata } from '../bench/model_metadata.ts';
import type { ModelShape } from '../bench/model_shapes.ts';
import { toHalf } from '../bench/random_blocks.ts';
import { ggufBytes, type GgufTensorInput } from './gguf_writer.ts';
import { fixedTokenCount, parrotChain, type ParrotChain, type ParrotScript } from './parrot_chain.ts';

export interface Parrot {
  /** What is said after a line break at the end of the prompt. */
  script?: ParrotScript;
  /** What is said after another token there: `{ '<|fim_middle|>': … }`, or a character of one byte, as `{ '=': … }`. */
  after?: Readonly<Record<string, ParrotScript>>;
  /** Unset: none, so that the engine takes ChatML. */
  template?: string;
}

/** ChatML whose answers begin after the last character of the question, so that the question chooses one of `after`. */
export const lastCharacterTemplate =
  "{%- for m in messages %}{{ '<|im_start|>' + m['role'] + '\\n' + m['content'] + '<|im_end|>\\n' }}{%- endfor %}" +
  "{%- if add_generation_prompt %}{{ '<|im_start|>assistant\\n' + messages[-1]['content'][-1] }}{%- endif %}";

const hidden = 256;
/** An axis for each token of the scripts; the first is for all others. */
const placesMax = hidden - 1;
/** Value of the head. A norm makes of a row with one 1 its root of the width, 16. */
const headValue = 8;
const feedForward = 32;

/**
 * One attention layer with a dense MLP in halves, which compiles in a third of the time that experts take. All parrots have this
 * shape, so one set of kernels serves them; rows of the vocabulary that a script does not need stay empty.
 */
const shape: ModelShape = {
  hidden,
  layers: 1,
  attentionInterval: 1,
  heads: 2,
  kvHeads: 1,
  headDim: 64,
  linearKeyHeads: 1,
  linearValueHeads: 1,
  linearDim: 32,
  experts: 0,
  expertsPerToken: 0,
  expertFf: 0,
  sharedFf: 0,
  vocabulary: fixedTokenCount + placesMax,
  contextTokens: 32768,
};

/** Writes the model, of less than a megabyte, and gives back its path. */
export function writeParrot(path: string, { script, after, template }: Parrot): string {
  const chain = parrotChain({ ...(script ? { '\n': script } : {}), ...after });
  if (chain.next.size > placesMax)
    throw new Error(`the scripts have ${chain.next.size} tokens, and there is room for ${placesMax}`);
  const metadata = {
    ...modelMetadata('parrot', shape, 'F16'),
    'general.name': 'parrot',
    'qwen3next.feed_forward_length': feedForward,
    'tokenizer.ggml.tokens': chain.tokens,
    'tokenizer.ggml.token_type': chain.types,
    'tokenizer.ggml.merges': [],
    'tokenizer.ggml.eos_token_id': chain.end,
    'tokenizer.ggml.padding_token_id': chain.padding,
    ...(template === undefined ? {} : { 'tokenizer.chat_template': template }),
  };
  writeFileSync(path, ggufBytes({ metadata, tensors: tensorsOf(chain) }));
  return path;
}

function tensorsOf(chain: ParrotChain): GgufTensorInput[] {
  const { heads, kvHeads, headDim } = shape;
  const zeros = (name: string, rows: number, columns: number): GgufTensorInput => ({
    name,
    type: 'F16',
    shape: [rows, columns],
  });
  const { embedding, head } = matricesOf(chain);
  return [
    { ...zeros('token_embd.weight', shape.vocabulary, hidden), data: embedding },
    ones('blk.0.attn_norm.weight', hidden),
    zeros('blk.0.attn_q.weight', 2 * heads * headDim, hidden),
    zeros('blk.0.attn_k.weight', kvHeads * headDim, hidden),
    zeros('blk.0.attn_v.weight', kvHeads * headDim, hidden),
    zeros('blk.0.attn_output.weight', hidden, heads * headDim),
    ones('blk.0.attn_q_norm.weight', headDim),
    ones('blk.0.attn_k_norm.weight', headDim),
    ones('blk.0.post_attention_norm.weight', hidden),
    zeros('blk.0.ffn_gate.weight', feedForward, hidden),
    zeros('blk.0.ffn_up.weight', feedForward, hidden),
    zeros('blk.0.ffn_down.weight', hidden, feedForward),
    ones('output_norm.weight', hidden),
    { ...zeros('output.weight', shape.vocabulary, hidden), data: head },
  ];
}

function ones(name: string, width: number): GgufTensorInput {
  return {
    name,
    type: 'F32',
    shape: [width],
    data: new Uint8Array(new Float32Array(width).fill(1).buffer),
  };
}

function matricesOf({ next, end }: ParrotChain): { embedding: Uint8Array; head: Uint8Array } {
  const embedding = new Uint16Array(shape.vocabulary * hidden);
  const head = new Uint16Array(shape.vocabulary * hidden);
  const axes = new Map([...next.keys()].map((id, i) => [id, i + 1]));
  for (let id = 0; id < shape.vocabulary; id++) {
    const axis = axes.get(id) ?? 0;
    embedding[id * hidden + axis] = toHalf(1);
    head[(next.get(id) ?? end) * hidden + axis] = toHalf(headValue);
  }
  return { embedding: new Uint8Array(embedding.buffer), head: new Uint8Array(head.buffer) };
}
