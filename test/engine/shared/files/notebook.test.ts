import { expect, test } from 'vitest';
import { cellAtLine, isNotebookPath, notebookText } from '../../../../engine/shared/files/notebook.ts';

test('a line of a notebook is in the cell above it', () => {
  const cells = [
    { cell_type: 'code', source: 'a = 1\nb = 2' },
    { cell_type: 'markdown', source: [] },
  ];
  const text = notebookText(JSON.stringify({ cells })) ?? '';
  expect(text).toBe('# %% Cell 1 (python)\na = 1\nb = 2\n\n# %% Cell 2 (markdown)\n\n');
  expect([0, 1, 3, 4, 5, 99].map(line => cellAtLine(text, line))).toEqual([undefined, 1, 1, 1, 2, 2]);
});

test('what is no notebook has no cells', () => {
  for (const json of ['', '[]', 'null', '{"cells": 3}', '{"cells": ['])
    expect(notebookText(json)).toBeUndefined();
  expect(notebookText('{"cells": [null, {"source": 5}]}')).toBe(
    '# %% Cell 1 (raw)\n\n\n# %% Cell 2 (raw)\n\n',
  );
  expect([isNotebookPath('a/N.IPYNB'), isNotebookPath('a.ipynb.txt')]).toEqual([true, false]);
});
