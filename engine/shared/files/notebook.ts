// A Jupyter notebook as the text of its cells, without what they put out. Pure.

/** A cell begins with such a line; cells are counted from 1. */
const cellLine = /^# %% Cell (\d+) \(.*\)$/;

export function isNotebookPath(path: string): boolean {
  return /\.ipynb$/i.test(path);
}

/** The cells of a notebook's JSON, each under a line that tells its number and language; undefined when it is no notebook. */
export function notebookText(json: string): string | undefined {
  const notebook = parsed(json);
  const { cells, metadata } = recordOf(notebook);
  if (!Array.isArray(cells)) return undefined;
  const about = recordOf(metadata);
  const language =
    recordOf(about['language_info'])['name'] ?? recordOf(about['kernelspec'])['language'] ?? 'python';
  return cells
    .map((cell, i) => {
      const { cell_type: kind, source } = recordOf(cell);
      const text = Array.isArray(source) ? source.join('') : typeof source === 'string' ? source : '';
      return `# %% Cell ${i + 1} (${kind === 'code' ? language : (kind ?? 'raw')})\n${text.replace(/\r\n?/g, '\n').trimEnd()}\n`;
    })
    .join('\n');
}

/** The number, from 1, of the cell that a line (from 1) of a notebook's text belongs to; undefined before the first. */
export function cellAtLine(text: string, line: number): number | undefined {
  const lines = text.split('\n');
  for (let at = Math.min(line, lines.length) - 1; at >= 0; at--) {
    const number = cellLine.exec(lines[at] as string)?.[1];
    if (number !== undefined) return Number(number);
  }
  return undefined;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
