// What a file gives to others, in short: names and signatures of its outline that other files can see. Pure.
import type { Definition } from './definition.ts';

export interface ExportedSymbol {
  name: string;
  /** One line, without the word `export`. */
  signature: string;
}

/** Of one file; whoever reads a list wants to know what a file is about. */
const symbolsMax = 40;

/** The file's outermost symbols that others see, and those of its namespaces, in their order. A last one named `…` stands for more. */
export function exportedSymbols(outline: readonly Definition[]): ExportedSymbol[] {
  const found = new Map<string, ExportedSymbol>();
  const visit = (definitions: readonly Definition[]): void => {
    for (const { name, kind, signature, exported, members } of definitions) {
      if (!exported || found.size > symbolsMax) continue;
      if (kind === 'module') visit(members);
      const line = signature.replace(/^export (?:default )?/, '');
      // A name that is declared again, as that of an overload, is another line.
      if (kind !== 'module' || members.length === 0) found.set(`${name}\n${line}`, { name, signature: line });
    }
  };
  visit(outline);
  const symbols = [...found.values()];
  return symbols.length > symbolsMax
    ? [...symbols.slice(0, symbolsMax), { name: '…', signature: '…' }]
    : symbols;
}

/** Those of files in turn, as long as all their names have so many characters at most; signatures end where they have as many. */
export function withinChars<File extends { symbols: readonly ExportedSymbol[] }>(
  files: Iterable<File>,
  charsMax: number,
): File[] {
  const kept: File[] = [];
  let nameChars = 0;
  let signatureChars = 0;
  for (const file of files) {
    const { symbols } = file;
    nameChars += symbols.reduce((sum, { name }) => sum + name.length, 0);
    signatureChars += symbols.reduce((sum, { signature }) => sum + signature.length, 0);
    if (nameChars > charsMax) break;
    kept.push(
      signatureChars > charsMax
        ? { ...file, symbols: symbols.map(({ name }) => ({ name, signature: '' })) }
        : file,
    );
  }
  return kept;
}
