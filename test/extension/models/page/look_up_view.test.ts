import { expect, test } from 'vitest';
import type { RepositoryFacts } from '../../../../extension/models/look_up.ts';
import { lookUpView } from '../../../../extension/models/page/look_up_view.ts';
import type { ViewSource } from '../../../../extension/models/page/view_source.ts';

const source = (facts: RepositoryFacts) =>
  ({
    lookUp: { reference: 'a/b', state: 'found', facts },
    library: { installed: [], downloads: [] },
  }) as unknown as ViewSource;

test('weights that are quantised in an unknown way cannot be fetched, and a note says so; the others can', () => {
  const files = [{ name: 'a', bytes: 1 }];
  const { notes, variants } = lookUpView(
    source({
      repository: 'a/b',
      revision: 'c'.repeat(40),
      gated: false,
      textOnly: false,
      choices: [
        { label: 'Q4_0', files, bytes: 1 },
        { label: 'safetensors', files, bytes: 1, unreadQuantization: 'awq' },
      ],
    }),
  );
  expect(variants.map(({ label, state }) => [label, state])).toEqual([
    ['Q4_0', 'available'],
    ['safetensors', 'unusable'],
  ]);
  expect(notes.filter(note => note.includes('(awq)'))).toHaveLength(1);
});
