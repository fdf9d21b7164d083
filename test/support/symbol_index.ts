// An index of files that are given as texts, read as the worker reads them.
import { lineOutline } from '../../engine/workspace/symbols/line_outline.ts';
import { SymbolIndex } from '../../engine/workspace/symbols/symbol_index.ts';
import { SyntaxOutlines } from '../../engine/workspace/symbols/syntax_outline.ts';

const syntax = new SyntaxOutlines();

export async function outlineOf(path: string, text: string) {
  return (await syntax.of(path, text)) ?? lineOutline(path, text);
}

export async function indexOf(files: Record<string, string>): Promise<SymbolIndex> {
  const index = new SymbolIndex();
  for (const [path, text] of Object.entries(files)) index.put(path, text, await outlineOf(path, text));
  return index;
}
