import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { adviseFit, type FitQuestion, type MachineFacts } from '../../../../extension/models/fit/advice.ts';
import { modelOf } from '../../../../engine/cli/predict.ts';
import { CountedModel } from '../../../../engine/prediction/count_model.ts';
import { specifiedDevice } from '../../../../engine/prediction/specified_device.ts';
import { predictMs } from '../../../../engine/shared/prediction/device_model.ts';
import { specifications } from '../../../../engine/shared/prediction/specifications.ts';
import type { KnownDevice } from '../../../../extension/known_device.ts';
import { weightBytes } from '../../../../engine/shared/architecture/footprint.ts';
import { parseCatalogue } from '../../../../engine/shared/architecture/catalogue.ts';

const file = new URL('../../../../media/catalogue.json', import.meta.url);
const catalogue = parseCatalogue(readFileSync(file, 'utf8'), 'catalogue.json');

function question(id: string, more: Partial<FitQuestion> = {}): FitQuestion {
  const entry = catalogue.find(one => one.id === id);
  if (!entry) throw new Error(`no ${id}`);
  return { ...entry, quantization: 'Q4_K_M', ...more };
}
function machine(device: Partial<KnownDevice>, host: Partial<MachineFacts> = {}): MachineFacts {
  return {
    device: {
      adapterName: 'Test GPU',
      software: false,
      maxBufferBytes: 4e9,
      storageBindingBytesMax: 2 ** 31,
      allocatableBytes: 24e9,
      bandwidthBytesPerSecond: 1e12,
      ...device,
    },
    downloadRoomBytes: 1e12,
    hostMemoryBytes: 64e9,
    hostMemoryFreeBytes: 32e9,
    ...host,
  };
}

describe('fit advice', () => {
  test('puts the 35B model on a card with 24 GB, but not the 80B one', () => {
    expect(
      adviseFit(question('qwen3.5-35b-a3b'), machine({ allocatableBytes: 24 * 2 ** 30 })).verdict,
    ).toMatch(/^fits/);
    const full = adviseFit(question('qwen3-next-80b-a3b-instruct'), machine({}));
    expect(full).toMatchObject({ verdict: 'does-not-fit', contextTokensMax: 0, tokensPerSecond: undefined });
    expect(full.why).toBe('Needs about 51.5 GB; Test GPU can hold 24.0 GB.');
  });

  test('gives the whole context to a model with room for it', () => {
    const advice = adviseFit(question('qwen3-next-80b-a3b-instruct'), machine({ allocatableBytes: 96e9 }));
    expect(advice).toMatchObject({ verdict: 'fits', contextTokensMax: 262_144 });
    expect(advice.bytesNeeded.map(({ contextTokens, yarn }) => [contextTokens, yarn])).toEqual([
      [8192, false],
      [32_768, false],
      [131_072, false],
      [262_144, false],
      [524_288, true],
      [1_010_000, true],
    ]);
    expect(advice.bytesNeeded.every(({ fits }) => fits)).toBe(true);
  });

  test('names the longer contexts of YaRN only where the card of the model does', () => {
    const lengths = (id: string) =>
      adviseFit(question(id), machine({})).bytesNeeded.map(({ contextTokens }) => contextTokens);
    expect(lengths('qwen3-coder-next')).toEqual([8192, 32_768, 131_072, 262_144]);
    expect(lengths('hearth-tiny')).toEqual([8192, 32_768]);
  });

  test('shortens the context to what memory leaves, and says so', () => {
    const asked = question('qwen3-next-80b-a3b-instruct');
    const need = adviseFit(asked, machine({ allocatableBytes: 96e9 })).bytesNeeded[0]?.bytes ?? 0;
    const advice = adviseFit(asked, machine({ allocatableBytes: need }));
    expect(advice).toMatchObject({ verdict: 'fits-short-context', contextTokensMax: 8192 });
    expect(advice.bytesNeeded.map(({ fits }) => fits)).toEqual([true, ...Array(5).fill(false)]);
    // 8192 tokens take 165 pages in all, 4096 take 99, each in 26 tensors and one more (see memory.test.ts).
    const less = adviseFit(
      asked,
      machine({ allocatableBytes: need - (165 - 99) * 27 * 131_072 - 3 * 4 * 32 - 1 }),
    );
    expect(less.verdict).toBe('does-not-fit');
    expect(less.why).toBe('Leaves room for only 3,072 tokens of context.');
  });

  test('bounds the context by the largest buffer a shader may read', () => {
    const advice = adviseFit(
      question('qwen3-next-80b-a3b-instruct'),
      machine({ allocatableBytes: 96e9, storageBindingBytesMax: 128 * 1024 * 1024 }),
    );
    // 544 bytes of keys a token: two heads of 256 numbers in 8 bits, with their scales.
    expect(advice).toMatchObject({ verdict: 'fits', contextTokensMax: 245_760 });
    expect(advice.bytesNeeded.map(({ fits }) => fits)).toEqual([true, true, true, false, false, false]);
  });

  test('predicts speed by bytes and launches of a token, from the worst to the best share of what was measured', () => {
    const advice = adviseFit(
      question('qwen3-next-80b-a3b-instruct'),
      machine({ allocatableBytes: 96e9, bandwidthBytesPerSecond: 400e9 }),
    );
    expect(advice.bytesPerTokenContext).toBe(8192);
    // 2.34 GB of weights, 0.15 GB of state, 0.20 GB of keys and values in 8 bits.
    expect((advice.bytesPerToken / 1e9).toFixed(2)).toBe('2.69');
    const ms = (share: number, launchMicros: number) =>
      advice.bytesPerToken / (share * 400e6) + (364 * launchMicros) / 1000;
    expect(advice.tokensPerSecond?.low).toBeCloseTo(1000 / ms(0.4, 8), 6);
    expect(advice.tokensPerSecond?.high).toBeCloseTo(1000 / ms(0.75, 2), 6);
  });

  test('counts keys and values in halves where only a context that is kept in halves fits', () => {
    const asked = { ...question('qwen3-next-80b-a3b-instruct'), contextTokens: 32_768 };
    const advice = adviseFit(asked, machine({ allocatableBytes: 96e9 }));
    expect((advice.bytesPerToken / 1e9).toFixed(2)).toBe('2.69');
  });

  test('counts a context that the settings stretch, as long as it fits', () => {
    const asked = question('qwen3-next-80b-a3b-instruct');
    const stretched = (allocatableBytes: number) =>
      adviseFit(asked, machine({ allocatableBytes }, { loading: { yarnFactor: 4 } }));
    const advice = stretched(192e9);
    expect(advice).toMatchObject({ verdict: 'fits', contextTokens: 1_048_576, contextTokensMax: 1_048_576 });
    expect(advice.bytesNeeded.every(({ yarn }) => !yarn)).toBe(true);
    expect(stretched(80e9).contextTokensMax).toBeGreaterThan(262_144);
    expect(stretched(80e9).contextTokensMax).toBeLessThan(1_048_576);
  });

  test('counts what the settings round a model to while it loads, but fetches what is stored', () => {
    const asked = question('qwen3.5-9b', { quantization: 'safetensors', fileBytes: 18e9 });
    const rounded = (roundTo: 'Q8_0' | 'Q4_0') =>
      adviseFit(asked, machine({}, { downloadRoomBytes: 17e9, loading: { roundTo } }));
    const memory = (advice: ReturnType<typeof adviseFit>) => advice.bytesNeeded[0]?.bytes ?? 0;
    const plain = memory(adviseFit(asked, machine({})));
    const { shape } = asked;
    const [bits8, bits4] = (['Q8_0', 'Q4_0'] as const).map(type => weightBytes(shape!, type)?.total ?? 0);
    expect(memory(rounded('Q8_0'))).toBe(plain - 18e9 + bits8!);
    // Embedding and head, two billion weights together, stay at 8 bits: half a byte more each.
    const table = 2 * 248_320 * 4096;
    expect(memory(rounded('Q4_0'))).toBe(plain - 18e9 + bits4! + table / 2);
    expect(rounded('Q8_0')).toMatchObject({ weightBytes: 18e9, diskFits: false });
    const packed = question('qwen3.5-9b', { fileBytes: 5.7e9 });
    expect(adviseFit(packed, machine({}, { loading: { roundTo: 'Q4_0' } })).bytesNeeded).toEqual(
      adviseFit(packed, machine({})).bytesNeeded,
    );
  });

  test('knows common devices by their names, and believes what was measured of them', () => {
    const speed = (adapterName: string, bandwidthBytesPerSecond?: number) =>
      adviseFit(question('qwen3.5-9b'), machine({ adapterName, bandwidthBytesPerSecond })).tokensPerSecond;
    expect(speed('nvidia-geforce-rtx-4090')).toEqual(speed('nvidia-geforce-rtx-4090', 1008e9));
    expect(speed('nvidia-geforce-rtx-4090', 900e9)!.high).toBeLessThan(
      speed('nvidia-geforce-rtx-4090')!.high,
    );
    expect(speed('a card that nobody knows')).toBeUndefined();
  });

  test('is what the engine counts, on every device that is listed', async () => {
    for (const specification of specifications) {
      const device = specifiedDevice(specification);
      // Dense, with many experts, and with the most.
      for (const entry of catalogue.filter(({ id }) => /9b|3\.6-35b|80b.*instruct/.test(id))) {
        const { tokensPerSecond, bytesPerTokenContext: context } = adviseFit(
          question(entry.id, { quantization: entry.defaultVariant }),
          machine({
            adapterName: specification.name,
            allocatableBytes: 96e9,
            bandwidthBytesPerSecond: undefined,
          }),
        );
        const counting = await CountedModel.plan(await modelOf(entry.id), device);
        const { counted } = await counting.step(context - 1);
        counting.dispose();
        const counts = 1000 / predictMs(device, 'step', counted);
        expect(counts, `${entry.id} on ${device.name}`).toBeGreaterThan(tokensPerSecond!.low);
        expect(counts, `${entry.id} on ${device.name}`).toBeLessThan(tokensPerSecond!.high);
      }
    }
  });

  test('promises no speed without a measurement or without a GPU', () => {
    const small = question('qwen3.5-0.8b');
    expect(adviseFit(small, machine({ bandwidthBytesPerSecond: undefined })).tokensPerSecond).toBeUndefined();
    const software = adviseFit(small, machine({ software: true }));
    expect(software.tokensPerSecond).toBeUndefined();
    expect(software.why).toMatch(/Without a GPU it will be slow/);
  });

  test('says that it does not know what was not measured', () => {
    const big = question('qwen3-next-80b-a3b-instruct');
    for (const device of [
      machine({ allocatableBytes: undefined }),
      machine({ allocatableIsLowerBound: true }),
      { ...machine({}), device: undefined },
    ]) {
      const advice = adviseFit(big, device);
      expect(advice.verdict).toBe('unknown');
      expect(advice.bytesNeeded.every(({ fits }) => fits === undefined)).toBe(true);
      expect(advice.why).toMatch(/^Needs about 51\.5 GB; /);
    }
    expect(adviseFit(question('qwen3.5-0.8b'), machine({ allocatableIsLowerBound: true })).verdict).toMatch(
      /^fits/,
    );
  });

  test('takes the memory of a device in software from the host', () => {
    const device = machine({ software: true }, { hostMemoryFreeBytes: 2e9 });
    expect(adviseFit(question('qwen3.5-9b'), device).verdict).toBe('does-not-fit');
  });

  test('looks at the free disk for what is still to be fetched', () => {
    const device = machine({}, { downloadRoomBytes: 10e9 });
    expect(adviseFit(question('qwen3.5-35b-a3b'), device).diskFits).toBe(false);
    expect(adviseFit(question('qwen3.5-35b-a3b', { downloadBytes: 0 }), device).diskFits).toBe(true);
    expect(adviseFit(question('qwen3.5-4b'), device).diskFits).toBe(true);
    expect(
      adviseFit(question('qwen3.5-4b'), { ...device, downloadRoomBytes: undefined }).diskFits,
    ).toBeUndefined();
  });

  test('trusts the size of the files over arithmetic, and marks the rest as rough', () => {
    const asked = question('qwen3.5-9b', { fileBytes: 5_700_000_000 });
    expect(adviseFit(asked, machine({}))).toMatchObject({ weightBytes: 5_700_000_000, rough: false });
    expect(adviseFit(question('qwen3.5-9b'), machine({})).rough).toBe(true);
    expect(adviseFit({ ...asked, shapeUnconfirmed: true }, machine({})).rough).toBe(true);
  });
});
