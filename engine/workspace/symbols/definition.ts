// What a file defines: the form in which outlines are made, kept on disk and cut into passages.

export type DefinitionKind =
  'function' | 'method' | 'class' | 'interface' | 'type' | 'enum' | 'variable' | 'module' | 'section';

/** Lines are 1-based, inclusive. */
export interface Definition {
  name: string;
  kind: DefinitionKind;
  /** With the comments and decorators right above it. */
  startLine: number;
  /** Of its own first line, where links point. */
  line: number;
  endLine: number;
  /** One line: what stands before its body. */
  signature: string;
  /** Other files can see it, as far as the text tells. */
  exported: boolean;
  /** What it holds, in their order. */
  members: Definition[];
}

/** Of one file; a file that defines more is data or generated. */
export const definitionsMax = 20_000;
export const signatureCharsMax = 160;

/** Text on one line, cut to what a signature may have. */
export function signatureOf(text: string): string {
  const line = text
    .slice(0, signatureCharsMax * 4)
    .replace(/\s+/g, ' ')
    .trim();
  return line.length <= signatureCharsMax ? line : `${line.slice(0, signatureCharsMax - 1)}…`;
}

/** Definitions that lie in others become their members. Outer ones come first, and members lie wholly inside. */
export function nested(flat: readonly Definition[]): Definition[] {
  const top: Definition[] = [];
  const open: Definition[] = [];
  for (const definition of flat) {
    while (open.length > 0 && (open.at(-1) as Definition).endLine < definition.startLine) open.pop();
    (open.at(-1)?.members ?? top).push(definition);
    open.push(definition);
  }
  return top;
}
