import { expect, test } from 'vitest';
import { checkAdapterLimits, neededLimits } from '../../../engine/gpu/adapter_limits.ts';
import { hearthErrorOf } from '../../support/hearth_error.ts';

test('an adapter that has exactly what is needed will do', () => {
  expect(() => checkAdapterLimits(neededLimits)).not.toThrow();
});

test.each(Object.entries(neededLimits))(
  'an adapter with %s below %i is named with both numbers, one that does not know it too',
  async (name, need) => {
    for (const have of [need - 1, 0, undefined]) {
      const error = await hearthErrorOf(() => checkAdapterLimits({ ...neededLimits, [name]: have }));
      expect(error.code).toBe('limitTooSmall');
      expect(error.message).toContain(`${name} = ${have ?? 0}`);
      expect(error.message).toContain(String(need));
      expect(error.remedy).not.toBe('');
    }
  },
);
