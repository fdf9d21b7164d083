import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Checkpoint } from '../../../engine/checkpoint/checkpoint.ts';
import { openGguf } from '../../../engine/checkpoint/gguf.ts';
import { hearthErrorOf } from '../../support/hearth_error.ts';
import { ggufBytes, ggufInput } from '../../support/gguf_writer.ts';
import type { GgufInput } from '../../support/gguf_writer.ts';
import { fixturePath } from '../../support/golden.ts';
import { temporaryDirectory } from '../../support/temporary_directory.ts';

const temporary = temporaryDirectory();
let files = 0;
function write(input: GgufInput | Uint8Array, name = `${files++}.gguf`): string {
  const path = join(temporary, name);
  writeFileSync(path, input instanceof Uint8Array ? input : ggufBytes(input));
  return path;
}
const bytesFrom = (first: number, count: number) => Uint8Array.from({ length: count }, (_, i) => first + i);
async function readAll(model: Checkpoint, name: string): Promise<number[]> {
  const entry = model.tensors.get(name)!;
  const into = new Uint8Array(entry.byteLength);
  await model.read(entry, 0, into);
  return Array.from(into);
}
async function refusalOf(input: GgufInput | Uint8Array): Promise<string> {
  const path = write(input);
  const error = await hearthErrorOf(() => openGguf(path));
  expect(error.code).toBe('badCheckpoint');
  return error.message;
}
const one = (extra: Partial<GgufInput['tensors'][number]>): GgufInput => ({
  metadata: {},
  tensors: [{ name: 'w', type: 'F32', shape: [2, 4], ...extra }],
});

describe('one GGUF file', () => {
  test('a fixture gives plain metadata and row-major shapes', async () => {
    const model = await openGguf(fixturePath('gguf_next', 'model.gguf'));
    expect(model.container).toBe('gguf');
    expect(model.metadata['general.architecture']).toBe('qwen3next');
    expect(model.metadata['qwen3next.attention.layer_norm_rms_epsilon']).toBe(Math.fround(1e-6));
    expect(model.metadata['tokenizer.ggml.merges']).toEqual(['h e', 'l l', 'he ll', 'hell o']);
    expect(model.metadata['tokenizer.ggml.add_bos_token']).toBe(false);
    expect(Object.keys(model.metadata)).not.toContain('tensor_count');
    expect(model.tensors.size).toBe(93);
    expect(model.tensors.get('token_embd.weight')!.shape).toEqual([288, 64]);
    expect(model.tensors.get('blk.0.ssm_conv1d.weight')!.shape).toEqual([128, 4]);
    await model.close();
  });

  test('what was written is read back: values of every type, and tensor bytes', async () => {
    const metadata = {
      text: 'grüße',
      flag: true,
      small: { type: 'i8', value: -3 },
      half: 0.5,
      double: { type: 'f64', value: 0.1 },
      long: 2n ** 40n,
      tooLong: 2n ** 60n,
      texts: ['', 'a', '日本'],
      longs: [1n, 2n],
      none: [],
    };
    const model = await openGguf(
      write({
        metadata,
        tensors: [
          { name: 'w', type: 'F32', shape: [2], data: bytesFrom(1, 8) },
          { name: 'q', type: 'Q8_0', shape: [2, 32], data: bytesFrom(50, 68) },
        ],
        alignment: 64,
        version: 2,
      }),
    );
    expect(model.metadata).toEqual({
      ...metadata,
      small: -3,
      double: 0.1,
      long: 2 ** 40,
      longs: [1, 2],
      'general.alignment': 64,
    });
    expect(await readAll(model, 'w')).toEqual(Array.from(bytesFrom(1, 8)));
    expect(await readAll(model, 'q')).toEqual(Array.from(bytesFrom(50, 68)));
    expect(model.tensors.get('q')).toEqual({ name: 'q', type: 'Q8_0', shape: [2, 32], byteLength: 68 });
    await model.close();
  });

  test('a rewritten fixture is the same model', async () => {
    const source = await openGguf(fixturePath('gguf_legacy', 'model.gguf'));
    const copy = await openGguf(write(await ggufInput(source)));
    expect([...copy.tensors.values()]).toEqual([...source.tensors.values()]);
    expect(copy.metadata).toEqual(source.metadata);
    for (const name of ['token_embd.weight', 'blk.3.attn_q.weight'])
      expect(await readAll(copy, name)).toEqual(await readAll(source, name));
    await source.close();
    await copy.close();
  });

  test('strings that reach over any border of the reader are whole', async () => {
    // The parser behind takes 2,000,000 bytes at a time; `text` and the last token lie across multiples of it.
    const text = 'x'.repeat(1_999_900) + 'the end of the text';
    const tokens = [
      ...Array.from({ length: 150_000 }, (_, i) => `token ${i}`),
      'y'.repeat(1_500_000) + ' last token',
    ];
    const path = write({ metadata: { first: 'x'.repeat(1_000), text, tokens, after: 7 }, tensors: [] });
    const model = await openGguf(path);
    expect(model.metadata['text']).toBe(text);
    expect(model.metadata['tokens']).toEqual(tokens);
    expect(model.metadata['after']).toBe(7);
    await model.close();
  });

  test('a model without tokenizer says so', async () => {
    const model = await openGguf(write(one({})));
    expect(await model.tokenizer()).toBeUndefined();
    expect(await model.sampling()).toBeUndefined();
    await model.close();
  });

  test('recommended sampling is read, and refused when it makes no sense', async () => {
    const sampling = {
      'general.sampling.temp': 0.5,
      'general.sampling.top_k': 20,
      'general.sampling.top_p': 0.75,
      'general.sampling.min_p': 0.25,
      'general.sampling.penalty_repeat': 1.5,
    };
    const good = await openGguf(write({ metadata: sampling, tensors: [] }));
    expect(await good.sampling()).toEqual({
      temperature: 0.5,
      topK: 20,
      topP: 0.75,
      minP: 0.25,
      repetitionPenalty: 1.5,
    });
    await good.close();
    const bad = await openGguf(write({ metadata: { 'general.sampling.top_p': 'much' }, tensors: [] }));
    expect((await hearthErrorOf(() => bad.sampling())).message).toContain('topP is "much"');
    await bad.close();
  });

  test.each<[string, GgufInput | Uint8Array, string]>([
    ['another magic', { metadata: {}, tensors: [], magic: 'GGML' }, 'not a GGUF file'],
    ['version 1', { metadata: {}, tensors: [], version: 1 }, 'GGUF version 1'],
    ['a big-endian file', { metadata: {}, tensors: [], version: 3 << 24 }, 'big-endian'],
    ['a file of four bytes', new TextEncoder().encode('GGUF'), 'ends inside its header'],
    ['2^60 tensors', { metadata: {}, tensors: [], tensorCount: 2n ** 60n }, 'tensors'],
    ['2^60 keys', { metadata: {}, tensors: [], keyCount: 2n ** 60n }, 'metadata keys'],
    ['more tensors than there are', { metadata: {}, tensors: [], tensorCount: 5n }, 'ends inside its header'],
    ['an unknown storage type', one({ type: 4 }), 'has the storage type 4'],
    [
      'rows that are not whole blocks',
      one({ type: 'Q8_0', shape: [32, 33], data: new Uint8Array(9999) }),
      'whole Q8_0',
    ],
    ['a dimension of 0', one({ shape: [0, 4] }), 'dimension of 0'],
    ['a dimension of 2^50', one({ shape: [2 ** 50], data: new Uint8Array(32) }), 'its header cannot be read'],
    ['five dimensions', one({ shape: [1, 1, 1, 1, 1] }), '5 dimensions'],
    ['no dimensions', one({ shape: [] }), '0 dimensions'],
    ['data after the end', one({ shape: [1 << 20], data: new Uint8Array(32) }), 'but the file has'],
    ['an offset off the alignment', one({ offset: 4 }), 'off the alignment'],
    ['an alignment of 3', { metadata: { 'general.alignment': 3 }, tensors: [] }, 'general.alignment is 3'],
    ['an alignment of 0', { metadata: { 'general.alignment': 0 }, tensors: [] }, 'alignment'],
    ['an alignment that is text', { metadata: { 'general.alignment': 'x' }, tensors: [] }, 'alignment'],
    [
      'tensors over each other',
      {
        metadata: {},
        tensors: [0, 32].map(offset => ({ name: `t${offset}`, type: 'F32', shape: [16], offset })),
      },
      '"t32" overlaps "t0"',
    ],
    [
      'the same tensor twice',
      { metadata: {}, tensors: [0, 64].map(offset => ({ name: 't', type: 'F32', shape: [16], offset })) },
      'there twice',
    ],
  ])('%s is refused', async (_what, input, reason) => {
    expect(await refusalOf(input)).toContain(reason);
  });

  test('the same key twice is refused', async () => {
    const bytes = ggufBytes({ metadata: { 'a.first': 1, 'a.other': 2 }, tensors: [] });
    const text = Buffer.from(bytes);
    text.write('a.first', text.indexOf('a.other'));
    expect(await refusalOf(new Uint8Array(text))).toContain('"a.first" twice');
  });

  test('an array of arrays is refused', async () => {
    const bytes = ggufBytes({ metadata: { a: [1] }, tensors: [] });
    new DataView(bytes.buffer).setUint32(24 + 9 + 4, 9, true);
    expect(await refusalOf(bytes)).toContain('array of arrays');
  });
});

describe('a GGUF model in several files', () => {
  const part = (number: number, count: number, extra: Record<string, unknown> = {}): GgufInput => ({
    metadata: {
      'split.no': { type: 'u16', value: number },
      'split.count': { type: 'u16', value: count },
      'split.tensors.count': 2,
      ...extra,
    },
    tensors: [{ name: `t${number}`, type: 'F32', shape: [1], data: bytesFrom(number * 10, 4) }],
  });

  test('any part opens the whole, with the metadata of the first', async () => {
    write(part(0, 2, { 'general.name': 'whole' }), 'm-00001-of-00002.gguf');
    const second = write(part(1, 2), 'm-00002-of-00002.gguf');
    const model = await openGguf(second);
    expect(model.metadata['general.name']).toBe('whole');
    expect([...model.tensors.keys()]).toEqual(['t0', 't1']);
    expect(await readAll(model, 't1')).toEqual([10, 11, 12, 13]);
    await model.close();
  });

  test('a missing part is named', async () => {
    const first = write(part(0, 2), 'gap-00001-of-00002.gguf');
    const error = await hearthErrorOf(() => openGguf(first));
    expect(error.code).toBe('fileUnreadable');
    expect(error.message).toContain('gap-00002-of-00002.gguf');
  });

  test('parts that do not belong together are refused', async () => {
    write(part(0, 2), 'mix-00001-of-00002.gguf');
    const second = write(part(0, 3), 'mix-00002-of-00002.gguf');
    expect((await hearthErrorOf(() => openGguf(second))).message).toContain('it calls itself part 1 of 3');
  });

  test('parts whose files were swapped are refused', async () => {
    const first = write(part(1, 2), 'swap-00001-of-00002.gguf');
    write(part(0, 2), 'swap-00002-of-00002.gguf');
    const error = await hearthErrorOf(() => openGguf(first));
    expect(error.code).toBe('badCheckpoint');
    expect(error.message).toContain('swap-00001-of-00002.gguf');
    expect(error.message).toContain('it calls itself part 2 of 2');
  });

  test('a tensor that two parts hold is refused', async () => {
    const twice = { ...part(1, 2), tensors: part(0, 2).tensors };
    write(part(0, 2), 'twice-00001-of-00002.gguf');
    const second = write(twice, 'twice-00002-of-00002.gguf');
    expect((await hearthErrorOf(() => openGguf(second))).message).toContain('"t0" is there twice');
  });

  test('a part under another name is refused', async () => {
    const renamed = write(part(0, 2), 'renamed.gguf');
    expect((await hearthErrorOf(() => openGguf(renamed))).message).toContain('part 1 of 2');
  });

  test('a wrong total of tensors is refused', async () => {
    const first = write(part(0, 1), 'short-00001-of-00001.gguf');
    expect((await hearthErrorOf(() => openGguf(first))).message).toContain('hold 1 tensors instead of 2');
  });

  test('a name that claims no parts, or too many, is refused', async () => {
    for (const name of ['n-00001-of-00000.gguf', 'n-00001-of-99999.gguf']) {
      const path = write(part(0, 1), name);
      expect((await hearthErrorOf(() => openGguf(path))).message).toContain('its name claims');
    }
  });
});
