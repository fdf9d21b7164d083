import { describe, expect, test } from 'vitest';
import { adviseFit, type FitAdvice } from '../../../../extension/models/fit/advice.ts';
import { automaticContext, AutomaticContexts } from '../../../../extension/models/fit/automatic_context.ts';

describe('the automatic length of context', () => {
  const advice: FitAdvice = {
    ...adviseFit(
      { quantization: 'Q8_0', contextTokens: 262_144, fileBytes: 1e9 },
      { hostMemoryBytes: 1e9, hostMemoryFreeBytes: 1e9 },
    ),
    contextTokensMax: 12_288,
  };

  test('is what fits, where that is less than the model was made for', () => {
    expect(automaticContext({ ...advice, verdict: 'fits-short-context' })).toBe(12_288);
    expect(automaticContext({ ...advice, verdict: 'fits' })).toBe(12_288);
    expect(automaticContext({ ...advice, verdict: 'fits', contextTokens: 12_288 })).toBeUndefined();
  });

  test('is not bounded by what is not known, and is short for what is taken although it does not fit', () => {
    expect(automaticContext({ ...advice, verdict: 'unknown' })).toBeUndefined();
    expect(automaticContext({ ...advice, verdict: 'does-not-fit', contextTokensMax: 0 })).toBe(4096);
  });

  test('is remembered for each model, until it is forgotten', async () => {
    let kept: unknown;
    const memory = { get: () => kept, set: async (value: unknown) => void (kept = value) };
    const contexts = new AutomaticContexts(memory);
    expect(contexts.of('/a.gguf')).toBeUndefined();
    await contexts.set('/a.gguf', 4096);
    await contexts.set('/b.gguf', 8192);
    expect([contexts.of('/a.gguf'), contexts.of('/b.gguf'), contexts.of('constructor')]).toEqual([
      4096,
      8192,
      undefined,
    ]);
    await contexts.set('/a.gguf', undefined);
    expect(kept).toEqual({ '/b.gguf': 8192 });
    kept = { '/b.gguf': 'many' };
    expect(contexts.of('/b.gguf')).toBeUndefined();
  });

  test('of a GPU that was chosen is that of the usual one until its own is known', async () => {
    const keep = (value: unknown) => ({
      get: () => value,
      set: async (next: unknown) => void (value = next),
    });
    const usual = keep({ '/a.gguf': 4096 });
    const contexts = new AutomaticContexts(keep(undefined), usual);
    expect(contexts.of('/a.gguf')).toBe(4096);
    await contexts.set('/a.gguf', 2048);
    expect(contexts.of('/a.gguf')).toBe(2048);
    await contexts.set('/a.gguf', undefined);
    expect(contexts.of('/a.gguf')).toBeUndefined();
    expect(usual.get()).toEqual({ '/a.gguf': 4096 });
  });
});
