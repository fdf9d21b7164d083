import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { engineIn } from '../../../scripts/bench/other_build.mjs';
import { againstReport, comparePairs, comparisonOf, medianInterval } from '../../../scripts/bench/pairs.mjs';
import { temporaryDirectory } from '../../support/temporary_directory.ts';

const count = <T>(length: number, at: (i: number) => T): T[] => Array.from({ length }, (_, i) => at(i));

test('the interval of the median leaves out as many ranks as 97.5 % confidence allows', () => {
  // Binomial: of 10 values the median lies between the 2nd and the 9th in 97.9 %, between the 3rd and the 8th in 89.1 %.
  expect(medianInterval([10, 1, 9, 2, 8, 3, 7, 4, 6, 5])).toEqual([2, 9]);
  expect(medianInterval([3, 1, 2, 6, 5, 4, 7])).toEqual([1, 7]);
  expect(medianInterval(count(20, i => i))).toEqual([4, 15]);
  expect(medianInterval([1, 2, 3, 4, 5, 6])).toBeUndefined();
});

test('pairs that agree are told although the machine differs from pair to pair by more', () => {
  const old = count(10, i => 100 + 20 * i);
  expect(comparePairs(old, old.map(value => value * 1.03))).toMatchObject({ verdict: 'faster' }); // prettier-ignore
  expect(comparePairs(old, old.map(value => value * 0.97))).toMatchObject({ verdict: 'slower' }); // prettier-ignore
  expect(comparePairs(old, old.map((value, i) => value * (i % 3 ? 1.03 : 0.97)))).toMatchObject({
    verdict: 'within the noise',
  }); // prettier-ignore
});

test('less of a time is faster, and few pairs tell nothing', () => {
  const old = count(7, i => 100 + i);
  const half = old.map(value => value / 2);
  expect(comparePairs(old, half, 'less')).toMatchObject({ verdict: 'faster', speed: 2 });
  expect(comparePairs(old.slice(1), half.slice(1), 'less')).toMatchObject({ verdict: 'not to be told' });
});

test('the report says it in words, beside the counts and both devices', () => {
  const old = count(7, i => ({ prefill_tps: 1000 + i, decode_tps: 100 + i, first_token_ms: 500 }));
  const now = old.map(one => ({
    prefill_tps: one.prefill_tps * 1.1,
    decode_tps: one.decode_tps,
    first_token_ms: 250,
  }));
  const text = againstReport({
    device: 'a GPU',
    old_device: 'another GPU',
    against: '/old',
    pairs: 7,
    models: [
      {
        name: 'embedded',
        work: { prefill: 512, decode: 64, context: 0 },
        comparison: comparisonOf(old, now),
        counts: { kernels: [41, 40] },
      },
    ],
  });
  expect(text).toMatch(/prefill tok\/s .* 1\.100 .* faster by 10\.0 %/);
  expect(text).toMatch(/decode tok\/s .* within the noise \(± 0\.0 %\)/);
  expect(text).toMatch(/first token, ms .* 2\.000 .* faster by 100\.0 %/);
  expect(text).toContain('kernels a token: 41 → 40');
  expect(text).toContain('The old build ran on another device: another GPU.');
});

test('a folder is a checkout, a built engine, or neither', () => {
  const directory = temporaryDirectory();
  const make = (...path: string[]) => {
    mkdirSync(join(directory, ...path.slice(0, -1)), { recursive: true });
    writeFileSync(join(directory, ...path), '');
  };
  make('checkout', 'engine', 'main.ts');
  make('checkout', 'dist', 'engine.mjs');
  make('built', 'engine.mjs');
  const at = (name: string) => join(directory, name);
  expect(engineIn(at('checkout'))).toEqual({ checkout: at('checkout') });
  expect(engineIn(at('built'))).toEqual({ program: join(at('built'), 'engine.mjs') });
  expect(() => engineIn(directory)).toThrow(/--against takes a checkout of Hearth or a folder/);
});
