// Model directories: safetensors headers, the index, config.json, tokenizer files, each changed by structure and by byte.
import fc, { type Arbitrary } from 'fast-check';
import { mutatedBytes } from '../byte_mutations.ts';
import { textFile, type CaseFile, type FuzzCase, type Kind } from '../case.ts';
import { hostileInteger, hostileString } from '../hostile.ts';
import { mutatedJson } from '../json_mutations.ts';
import {
  fixtureGguf,
  fp8Seed,
  huggingFaceSeed,
  safetensorsHole,
  smallTokenizer,
  type HuggingFaceSeed,
} from '../seeds.ts';

const weightsName = 'model.safetensors';
const indexName = 'model.safetensors.index.json';

export async function huggingFaceKinds(): Promise<Record<string, Kind>> {
  const seeds = ['default', 'qwen35_dense', 'qwen35_moe', 'tied_nonorm', 'yarn'].map(huggingFaceSeed);
  const fp8 = fp8Seed('realdims');
  seeds.push(fp8);
  const seed = fc.constantFrom(...seeds);
  const tokenizer = smallTokenizer(await fixtureGguf('gguf_next'));
  return {
    'safetensors bytes': { share: 8, cases: seed.chain(weightsByBytes) },
    'safetensors header': { share: 8, cases: seed.chain(weightsByHeader) },
    'safetensors index': { share: 6, cases: seed.chain(indexCases) },
    'safetensors FP8': { share: 4, cases: fp8Cases(fp8) },
    'config.json': { share: 8, cases: seed.chain(configCases) },
    'tokenizer files': { share: 14, cases: tokenizerCases(seeds[0] as HuggingFaceSeed, tokenizer) },
  };
}

const json = (value: unknown): CaseFile => textFile(JSON.stringify(value));

function directory(files: Record<string, CaseFile>): FuzzCase {
  return { path: '.', files };
}

function weights({ header, dataBytes }: HuggingFaceSeed): CaseFile {
  return safetensorsHole(new TextEncoder().encode(JSON.stringify(header)), dataBytes);
}

function weightsByBytes(seed: HuggingFaceSeed): Kind['cases'] {
  const { bytes, length = 0 } = weights(seed);
  // Its digits and quotes are all structure; the first eight bytes are the header's length.
  const target = { bytes, places: [0, 0, 0, 4, 7, 8], headBytes: bytes.byteLength };
  const config = json(seed.config);
  return mutatedBytes(target).map(changed =>
    directory({
      'config.json': config,
      [weightsName]: { bytes: changed, length: Math.max(length, changed.byteLength) },
    }),
  );
}

/** Entries changed as JSON, now and then with a length that lies; or changed so that sizes still agree. */
function weightsByHeader(seed: HuggingFaceSeed): Kind['cases'] {
  const { config, header, dataBytes } = seed;
  const small = Object.fromEntries(Object.entries(header).slice(0, 6));
  const hole = fc.constantFrom(dataBytes, dataBytes, 2 ** 36, 0);
  const length = fc.option(hostileInteger, { freq: 8, nil: undefined });
  const text = fc.oneof(mutatedJson(header), mutatedJson(small), consistentHeader(seed));
  return fc
    .tuple(text, hole, length)
    .map(([bytes, data, claimed]) =>
      directory({ 'config.json': json(config), [weightsName]: safetensorsHole(bytes, data, claimed) }),
    );
}

const bytesOf = { F32: 4, F16: 2, BF16: 2, F8_E4M3: 1, I64: 8, U8: 1 } as const;

/** One or two tensors with another name, shape or type, at a place that has room for it. */
function consistentHeader({ header, dataBytes }: HuggingFaceSeed): Arbitrary<Uint8Array> {
  const names = Object.keys(header);
  const name = fc.constantFrom(...names);
  const dtype = fc.constantFrom(...(Object.keys(bytesOf) as (keyof typeof bytesOf)[]));
  const size = fc.oneof(fc.constantFrom(0, 1, 2, 16, 32, 64, 288), fc.nat(5000));
  const change = fc.record({
    from: name,
    to: fc.oneof(name, name, hostileString),
    dtype,
    shape: fc.array(size, { maxLength: 4 }),
    reshaped: fc.boolean(),
    scaled: fc.boolean(),
  });
  return fc.array(change, { minLength: 1, maxLength: 2 }).map(changes => {
    const out: Record<string, unknown> = { ...header };
    let end = dataBytes;
    const add = (name: string, type: keyof typeof bytesOf, shape: number[]) => {
      const begin = end;
      end += shape.reduce((a, b) => a * b, bytesOf[type]);
      out[name] = { dtype: type, shape, data_offsets: [begin, end] };
    };
    for (const { from, to, dtype: type, shape, reshaped, scaled } of changes) {
      const entry = header[from] as HuggingFaceSeed['header'][string];
      delete out[from];
      // The same elements in another shape, or something else altogether.
      if (reshaped) out[to] = { ...entry, shape: [1, ...(entry.shape ?? [])].toReversed() };
      else {
        add(to, type, shape);
        // Scales that fit, or those of another tensor.
        if (type === 'F8_E4M3' && scaled)
          add(`${to}_scale_inv`, 'F32', [
            ...shape.slice(0, -2),
            ...shape.slice(-2).map(n => Math.ceil(n / 128)),
          ]);
      }
    }
    return new TextEncoder().encode(JSON.stringify(out));
  });
}

/** Two files and their index. */
function indexCases({ config, header, dataBytes }: HuggingFaceSeed): Kind['cases'] {
  const names = Object.keys(header).filter(name => name !== '__metadata__');
  const half = Math.ceil(names.length / 2);
  const fileNames = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'] as const;
  const part = (from: number, to: number) =>
    safetensorsHole(
      new TextEncoder().encode(
        JSON.stringify(Object.fromEntries(names.slice(from, to).map(name => [name, header[name]]))),
      ),
      dataBytes,
    );
  const index = {
    metadata: { total_size: dataBytes },
    weight_map: Object.fromEntries(names.map((name, i) => [name, fileNames[i < half ? 0 : 1]])),
  };
  const files = {
    'config.json': json(config),
    [fileNames[0]]: part(0, half),
    [fileNames[1]]: part(half, names.length),
  };
  const text = new TextEncoder().encode(JSON.stringify(index));
  const changed = fc.oneof(
    { weight: 3, arbitrary: mutatedJson(index) },
    { weight: 1, arbitrary: mutatedBytes({ bytes: text, places: [], headBytes: text.byteLength }) },
  );
  return changed.map(bytes => directory({ ...files, [indexName]: { bytes } }));
}

/** Settings of the quantisation, and scales of other types and shapes at places that have room for them. */
function fp8Cases({ config, header, dataBytes }: HuggingFaceSeed): Kind['cases'] {
  const { quantization_config: settings, ...rest } = config;
  const file = weights({ config, header, dataBytes });
  const bySettings = mutatedJson(settings).map(bytes => {
    const text = `${JSON.stringify(rest).slice(0, -1)},"quantization_config":${new TextDecoder().decode(bytes)}}`;
    return directory({ 'config.json': textFile(text), [weightsName]: file });
  });
  const scales = Object.keys(header).filter(name => name.endsWith('_scale_inv'));
  const change = fc.record({
    name: fc.constantFrom(...scales),
    dtype: fc.constantFrom('F32', 'F16', 'BF16', 'F8_E4M3', 'U8'),
    shape: fc.array(fc.constantFrom(1, 1, 1, 2, 4, 6, 8, 0, 1000), { maxLength: 3 }),
  });
  const byScales = fc.array(change, { minLength: 1, maxLength: 2 }).map(changes => {
    const out = { ...header };
    let end = dataBytes;
    for (const { name, dtype, shape } of changes) {
      const begin = end;
      end += shape.reduce<number>((a, b) => a * b, bytesOf[dtype as keyof typeof bytesOf]);
      out[name] = { dtype, shape, data_offsets: [begin, end] };
    }
    return directory({
      'config.json': json(config),
      [weightsName]: weights({ config, header: out, dataBytes: end }),
    });
  });
  return fc.oneof(bySettings, byScales);
}

function configCases(seed: HuggingFaceSeed): Kind['cases'] {
  const file = weights(seed);
  const text = new TextEncoder().encode(JSON.stringify(seed.config));
  const changed = fc.oneof(
    { weight: 4, arbitrary: mutatedJson(seed.config) },
    { weight: 1, arbitrary: mutatedBytes({ bytes: text, places: [], headBytes: text.byteLength }) },
  );
  return changed.map(bytes => directory({ 'config.json': { bytes }, [weightsName]: file }));
}

function tokenizerCases(seed: HuggingFaceSeed, tokenizer: ReturnType<typeof smallTokenizer>): Kind['cases'] {
  const generation = { eos_token_id: [151645, 3], do_sample: true, temperature: 0.7, top_k: 20, top_p: 0.8 };
  const documents: Record<string, unknown> = {
    'tokenizer.json': tokenizer.json,
    'tokenizer_config.json': tokenizer.config,
    'generation_config.json': generation,
  };
  const base = {
    'config.json': json(seed.config),
    [weightsName]: weights(seed),
    ...Object.fromEntries(Object.entries(documents).map(([name, document]) => [name, json(document)])),
  };
  const changed = (name: string): Arbitrary<FuzzCase> => {
    const text = new TextEncoder().encode(JSON.stringify(documents[name]));
    return fc
      .oneof(
        { weight: 5, arbitrary: mutatedJson(documents[name]) },
        { weight: 1, arbitrary: mutatedBytes({ bytes: text, places: [], headBytes: text.byteLength }) },
      )
      .map(bytes => directory({ ...base, [name]: { bytes } }));
  };
  return fc.oneof(
    { weight: 6, arbitrary: changed('tokenizer.json') },
    // The parts that are not lists of tokens, which would hide them.
    {
      weight: 3,
      arbitrary: withParts(tokenizer.json).map(bytes => directory({ ...base, 'tokenizer.json': { bytes } })),
    },
    { weight: 2, arbitrary: changed('tokenizer_config.json') },
    { weight: 1, arbitrary: changed('generation_config.json') },
  );
}

/** tokenizer.json with its small parts changed and its vocabulary whole. */
function withParts(tokenizer: Record<string, unknown>): Arbitrary<Uint8Array> {
  const { model, ...parts } = tokenizer as { model: Record<string, unknown> };
  const { vocab, merges, ...settings } = model;
  return fc.tuple(mutatedJson(parts), mutatedJson(settings)).map(([outer, inner]) => {
    const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    const rest = decode(inner).replace(/\}\s*$/, '');
    const modelText = `${rest},"vocab":${JSON.stringify(vocab)},"merges":${JSON.stringify(merges)}}`;
    return new TextEncoder().encode(`${decode(outer).replace(/\}\s*$/, '')},"model":${modelText}}`);
  });
}
