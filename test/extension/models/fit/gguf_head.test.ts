import { readFileSync } from 'node:fs';
import { gguf } from '@huggingface/gguf';
import { describe, expect, test } from 'vitest';
import { headBytes, readGgufHead } from '../../../../extension/models/fit/gguf_head.ts';
import { embeddedModelPath } from '../../../support/embedded_model.ts';
import { ggufBytes } from '../../../support/gguf_writer.ts';
import { fixturePath } from '../../../support/golden.ts';

const typed = (type: string, value: number | bigint) => ({ type, value });

describe('the beginning of a GGUF file', () => {
  test.each(['gguf_next', 'gguf_35moe', 'gguf_q4km', 'gguf_legacy', 'embedded'])(
    'says of %s what the library of Hugging Face says',
    async name => {
      const path = name === 'embedded' ? embeddedModelPath : fixturePath(name, 'model.gguf');
      const parsed = await gguf(path, { allowLocalFile: true });
      const metadata = parsed.metadata as unknown as Record<string, unknown>;
      const head = readGgufHead(readFileSync(path).subarray(0, headBytes));
      expect(head?.values.size).toBeGreaterThan(15);
      for (const [key, value] of head?.values ?? []) {
        const plain = (one: unknown): unknown => (typeof one === 'bigint' ? Number(one) : one);
        const theirs: unknown = metadata[key];
        expect([key, value]).toEqual([key, Array.isArray(theirs) ? theirs.map(plain) : plain(theirs)]);
      }
      expect(head?.lengths.get('tokenizer.ggml.tokens')).toBe(
        (metadata['tokenizer.ggml.tokens'] as unknown[] | undefined)?.length,
      );
    },
  );

  const metadata = {
    'general.architecture': 'qwen3next',
    a: typed('u8', 200),
    b: typed('i8', -3),
    c: typed('u16', 60_000),
    d: typed('i16', -300),
    e: typed('u32', 4e9),
    f: typed('i32', -4),
    g: typed('f32', 0.5),
    h: true,
    i: typed('u64', 2n ** 40n),
    j: typed('i64', -5n),
    k: typed('f64', 1e300),
    list: [1, 2, 3],
    flags: [true, false],
    long: Array.from({ length: 5000 }, () => 7),
    tokens: Array.from({ length: 3000 }, (_, i) => `token ${i}`),
    after: 'the vocabulary',
  };
  const bytes = ggufBytes({ metadata, tensors: [] });

  test('is read whole, every type of it', () => {
    const { values, lengths } = readGgufHead(bytes) ?? {};
    expect(Object.fromEntries(values ?? [])).toEqual({
      'general.architecture': 'qwen3next',
      a: 200,
      b: -3,
      c: 60_000,
      d: -300,
      e: 4e9,
      f: -4,
      g: 0.5,
      h: true,
      i: 2 ** 40,
      j: -5,
      k: 1e300,
      list: [1, 2, 3],
      flags: [true, false],
      after: 'the vocabulary',
    });
    expect(lengths?.get('tokens')).toBe(3000);
  });

  test('counts as far as it goes: cut off anywhere, it says less, and never anything else', () => {
    const whole = readGgufHead(bytes);
    let most = 0;
    for (let end = 0; end < 25_000; end += end < 1000 ? 1 : 211) {
      const head = readGgufHead(bytes.subarray(0, end));
      for (const [key, value] of head?.values ?? []) expect(value).toEqual(whole?.values.get(key));
      expect(head?.values.size ?? 0).toBeGreaterThanOrEqual(most);
      most = head?.values.size ?? 0;
    }
    // The length of the vocabulary is known before all of it is there.
    expect(readGgufHead(bytes.subarray(0, 21_000))?.lengths.get('tokens')).toBe(3000);
  });

  test('is none of another file, and of another byte order or version', () => {
    expect(readGgufHead(new TextEncoder().encode('<!doctype html>'))).toBeUndefined();
    expect(readGgufHead(ggufBytes({ metadata: {}, tensors: [], version: 1 }))).toBeUndefined();
    expect(readGgufHead(new Uint8Array(0))).toBeUndefined();
  });

  test('that claims what it does not have ends where the bytes end', () => {
    const many = ggufBytes({ metadata: { a: 'b' }, tensors: [], keyCount: 2n ** 63n });
    expect(readGgufHead(many)?.values.get('a')).toBe('b');
    const wild = ggufBytes({ metadata: { a: 'b', c: 'd' }, tensors: [] });
    // Every byte of it set to its largest in turn.
    for (let at = 4; at < wild.length; at++) {
      const changed = wild.slice();
      changed[at] = 255;
      expect(() => readGgufHead(changed)).not.toThrow();
    }
  });
});
