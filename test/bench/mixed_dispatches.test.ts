import { expect, test } from 'vitest';
import { temporaryDirectory } from '../support/temporary_directory.ts';
import { mixedDispatches } from './mixed_dispatches.ts';

test('a token of the 80B takes 370 kernels at most, however its file mixes storage types, where the device binds what a launch needs', async () => {
  const counted = await mixedDispatches(temporaryDirectory());
  console.info(
    counted.map(({ mix, bindings, dispatches }) => `${mix}, ${bindings} bindings: ${dispatches}`).join('\n'),
  );
  // The portable limit of bindings is too low for two types of three planes each.
  const few = counted.filter(({ mix, bindings }) => bindings > 8 || !mix.startsWith('UD'));
  for (const { mix, bindings, dispatches } of few)
    expect.soft(dispatches, `${mix}, ${bindings} bindings`).toBeLessThanOrEqual(370);
  for (const { mix, dispatches } of counted.filter(({ bindings }) => bindings === 16))
    expect.soft(dispatches, mix).toBe(364);
});
