// GGUF files: bytes of real headers changed, and headers written anew with parts of them made hostile.
import fc, { type Arbitrary } from 'fast-check';
import { ggufHead, type GgufInput, type GgufTensorInput } from '../../support/gguf_writer.ts';
import { mutatedBytes } from '../byte_mutations.ts';
import type { Kind } from '../case.ts';
import { hostileInteger, hostileString } from '../hostile.ts';
import { fixtureGguf, ggufSeed, smallTokenizer, type GgufSeed } from '../seeds.ts';

const path = 'model.gguf';

export async function ggufKinds(): Promise<Record<string, Kind>> {
  const names = ['gguf_next', 'gguf_35moe', 'gguf_legacy', 'gguf_q4km'];
  const seeds = await Promise.all(names.map(fixtureGguf));
  const embedded = await ggufSeed('media/model/hearth-tiny/hearth-tiny-q8_0.gguf');
  const one = <T>(list: readonly T[]) => fc.constantFrom(...list);
  return {
    'gguf bytes': { share: 22, cases: one(seeds).chain(bytesOf) },
    'gguf bytes of the embedded model': { share: 2, cases: bytesOf(embedded) },
    'gguf tensors': {
      share: 14,
      cases: one(seeds).chain(seed => written(seed, tensorChange(seed.input.tensors.length))),
    },
    'gguf metadata': {
      share: 12,
      cases: one(seeds).chain(seed => written(seed, metadataChange(Object.keys(seed.input.metadata)))),
    },
    'gguf tokenizer': { share: 10, cases: one(seeds).chain(seed => tokenizerCases(seed)) },
  };
}

function bytesOf({ head, places, length }: GgufSeed): Kind['cases'] {
  const bytes = mutatedBytes({ bytes: head, places, headBytes: head.byteLength });
  // Now and then the data is cut off too.
  const whole = fc.oneof(
    { weight: 5, arbitrary: fc.constant(length) },
    { weight: 1, arbitrary: fc.nat(length) },
  );
  return fc.tuple(bytes, whole).map(([changed, end]) => ({
    path,
    files: { [path]: { bytes: changed, length: Math.max(end, changed.byteLength) } },
  }));
}

type Change = (input: GgufInput) => GgufInput;

/** Writes the header after one to three changes. */
function written({ input, length }: GgufSeed, change: Arbitrary<Change>): Kind['cases'] {
  const holes = fc.oneof(
    { weight: 4, arbitrary: fc.constant(length) },
    // Large enough for whatever a shape claims, and no space taken.
    { weight: 1, arbitrary: fc.constantFrom(2 ** 31, 2 ** 36, 2 ** 40) },
  );
  return fc.tuple(fc.array(change, { minLength: 1, maxLength: 3 }), holes).map(([changes, end]) => {
    const { bytes } = ggufHead(changes.reduce((changed, one) => one(changed), input));
    return { path, files: { [path]: { bytes, length: Math.max(end, bytes.byteLength) } } };
  });
}

function tensorChange(count: number): Arbitrary<Change> {
  const at = fc.nat(count - 1);
  const dimension = fc.oneof(hostileInteger, fc.bigInt(0n, 512n)).map(Number);
  const replaced = (replace: (tensor: GgufTensorInput, all: GgufTensorInput[]) => GgufTensorInput[]) =>
    at.map((index): Change => input => ({
      ...input,
      tensors: input.tensors.flatMap((tensor, i) =>
        i === index % input.tensors.length ? replace(tensor, input.tensors) : [tensor],
      ),
    }));
  return fc.oneof(
    fc.array(dimension, { maxLength: 6 }).chain(shape => replaced(tensor => [{ ...tensor, shape }])),
    fc.tuple(fc.nat(3), dimension).chain(([axis, size]) =>
      replaced(tensor => {
        const { shape } = tensor;
        return [{ ...tensor, shape: shape.length === 0 ? [size] : shape.with(axis % shape.length, size) }];
      }),
    ),
    // Where a large hole has room for whatever it claims.
    fc
      .array(dimension, { minLength: 1, maxLength: 4 })
      .chain(shape => replaced(tensor => [{ ...tensor, shape, offset: 2 ** 34 }])),
    hostileInteger.chain(offset => replaced(tensor => [{ ...tensor, offset: Number(offset) }])),
    fc.nat(64).chain(block => replaced(tensor => [{ ...tensor, offset: block * 32 }])),
    fc
      .oneof(
        fc.nat(45),
        hostileInteger.map(value => Number(BigInt.asUintN(32, value))),
      )
      .chain(type => replaced(tensor => [{ ...tensor, type }])),
    hostileString.chain(name => replaced(tensor => [{ ...tensor, name }])),
    replaced(() => []),
    replaced(tensor => [tensor, tensor]),
    at.chain(other => replaced((tensor, all) => [{ ...tensor, name: all[other % all.length]?.name ?? '' }])),
    hostileInteger.map((tensorCount): Change => input => ({ ...input, tensorCount })),
  );
}

/** A typed value or a list, seldom of the type that is expected. */
const metadataValue: Arbitrary<unknown> = fc.oneof(
  hostileInteger.map(value => ({ type: 'u64', value })),
  hostileInteger.map(value => ({ type: 'u32', value: Number(BigInt.asUintN(32, value)) })),
  fc.constantFrom(-1, 0, 1, 2, 3, 5, 7, 64, 1000).map(value => ({ type: 'i32', value })),
  fc
    .oneof(fc.constantFrom(NaN, Infinity, -Infinity, 0, -0, 1e30, 1e-45), fc.double())
    .map(value => ({ type: 'f32', value })),
  fc.double().map(value => ({ type: 'f64', value })),
  fc.boolean(),
  hostileString,
  fc.array(hostileString, { maxLength: 4 }),
  fc.array(fc.nat(8), { maxLength: 8 }),
  fc.constantFrom(300, 100_000).map(length => Array.from({ length }, (_, i) => i % 7)),
  fc.constantFrom('yarn', 'none', 'linear', 'qwen3next', 'qwen35', 'qwen35moe', 'llama', 'gpt2', 'qwen2'),
);

function metadataChange(keys: readonly string[]): Arbitrary<Change> {
  const architecture = keys.find(key => key.endsWith('.block_count'))?.split('.')[0] ?? '';
  const more = [
    'rope.scaling.type',
    'rope.scaling.factor',
    'rope.scaling.original_context_length',
    'rope.scaling.attn_factor',
  ];
  const rare = [
    ...[
      'general.alignment',
      'split.count',
      'split.no',
      'split.tensors.count',
      'general.sampling.temp',
      'general.sampling.top_k',
    ],
    ...[...more, 'attention.recurrent_layers', 'rope.scaling.yarn_beta_fast'].map(
      key => `${architecture}.${key}`,
    ),
  ];
  const key = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...keys) },
    { weight: 3, arbitrary: fc.constantFrom(...rare) },
    { weight: 1, arbitrary: hostileString },
  );
  const set =
    (name: string, value: unknown): Change =>
    input => ({ ...input, metadata: { ...input.metadata, [name]: value } });
  return fc.oneof(
    { weight: 8, arbitrary: fc.tuple(key, metadataValue).map(([name, value]) => set(name, value)) },
    {
      weight: 1,
      arbitrary: key.map((name): Change => ({ metadata: { [name]: _, ...metadata }, ...input }) => ({
        ...input,
        metadata,
      })),
    },
    { weight: 1, arbitrary: hostileInteger.map((keyCount): Change => input => ({ ...input, keyCount })) },
    {
      weight: 1,
      arbitrary: fc.tuple(fc.constantFrom(...more), metadataValue).map(
        ([name, value]): Change =>
          input =>
            set(`${architecture}.${name}`, value)(set(`${architecture}.rope.scaling.type`, 'yarn')(input)),
      ),
    },
  );
}

/** Lists of tokens, types and merges changed, and all other keys of the tokenizer. */
function tokenizerCases(seed: GgufSeed): Kind['cases'] {
  const { metadata } = smallTokenizer(seed);
  const withTokenizer = {
    ...seed,
    input: { ...seed.input, metadata: { ...seed.input.metadata, ...metadata } },
  };
  const lists = ['tokens', 'token_type', 'merges'].map(name => `tokenizer.ggml.${name}`);
  const item = fc.oneof(
    hostileString,
    hostileInteger.map(value => ({ type: 'u64', value })),
    fc.nat(9),
  );
  const listChange = fc
    .tuple(
      fc.constantFrom(...lists),
      fc.nat(400),
      item,
      fc.constantFrom('set', 'remove', 'add', 'copy', 'cut'),
    )
    .map(([key, at, value, how]): Change => input => {
      const list = ([input.metadata[key] ?? []] as unknown[]).flat();
      const index = list.length === 0 ? 0 : at % list.length;
      // A list has one type: a text among numbers becomes a number, and the other way round.
      const fitting =
        typeof list[0] === 'string'
          ? typeof value === 'string'
            ? value
            : String(at)
          : typeof value === 'string'
            ? at
            : value;
      if (how === 'set') list[index] = fitting;
      else if (how === 'remove') list.splice(index, 1);
      else if (how === 'add') list.push(fitting);
      else if (how === 'copy') list[index] = list[(index * 7 + 1) % list.length];
      else list.length = index;
      return { ...input, metadata: { ...input.metadata, [key]: list } };
    });
  const keys = Object.keys(metadata);
  return written(
    withTokenizer,
    fc.oneof(
      { weight: 3, arbitrary: listChange },
      {
        weight: 1,
        arbitrary: metadataChange([
          ...keys,
          'tokenizer.ggml.eos_token_id',
          'tokenizer.ggml.padding_token_id',
        ]),
      },
    ),
  );
}
