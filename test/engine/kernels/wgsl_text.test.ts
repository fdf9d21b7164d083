// One text twice in a program: every name it declares is its own, nothing else is touched.
import { expect, test } from 'vitest';
import { renamed } from '../../../engine/kernels/wgsl_text.ts';
import { weightFormats } from '../../../engine/kernels/weight_matrix.ts';

test('names that a text declares get a suffix wherever they stand, and its bindings move', () => {
  const text = `@group(0) @binding(0) var<storage, read> scale: array<u32>;
@group(0) @binding(1) var<storage, read> scales: array<u32>;
const UNIT = 32u;
var<private> last: u32;
fn scale_of(unit: u32) -> u32 {
  let other = scale[unit] * UNIT; // of scale
  last = other;
  return other + scales[unit] + UNITS;
}
`;
  expect(renamed(text, '_1', 3)).toBe(`@group(0) @binding(3) var<storage, read> scale_1: array<u32>;
@group(0) @binding(4) var<storage, read> scales_1: array<u32>;
const UNIT_1 = 32u;
var<private> last_1: u32;
fn scale_of_1(unit: u32) -> u32 {
  let other = scale_1[unit] * UNIT_1; // of scale_1
  last_1 = other;
  return other + scales_1[unit] + UNITS;
}
`);
});

test.each(Object.entries(weightFormats))(
  'of the accessor of %s no name is left to clash',
  (_, { accessor }) => {
    const declared = /^(?:fn|const)\s+(\w+)|^@group\(0\) @binding\(\d\) var<storage, read> (\w+)/gm;
    const names = [...accessor.matchAll(declared)].map(([, a, b]) => a ?? b);
    expect(names.length).toBeGreaterThanOrEqual(5);
    const other = renamed(accessor, '_x', 0);
    for (const name of names) expect(other).not.toMatch(new RegExp(`\\b${name}\\b`));
  },
);
