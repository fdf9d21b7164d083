// Architectures that are refused by the name of their model.
import { expect, test } from 'vitest';
import { architectureName } from '../../../../engine/shared/architecture/other_models.ts';

test.each([
  ['qwen4_exp', 'Qwen3.8-Flash-Next (qwen4_exp)'],
  ['qwen4exp', 'Qwen3.8-Flash-Next (qwen4exp)'],
  ['llama', 'llama'],
  ['constructor', 'constructor'],
])('%s is told as %s', (architecture, told) => {
  expect(architectureName(architecture)).toBe(told);
});
