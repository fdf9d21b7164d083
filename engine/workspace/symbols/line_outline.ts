// A file's definitions by the beginnings of its lines, where no grammar reads it: code of other languages, and the headings of prose.
import { outlineOf, startWithComments } from '../../shared/outline/outline.ts';
import { type Definition, type DefinitionKind, definitionsMax, nested, signatureOf } from './definition.ts';
import { endingOf } from './languages.ts';

/** Files that define nothing. */
const plain = new Set(
  'txt json jsonc json5 yaml yml toml ini cfg conf env lock csv tsv xml svg html htm log po properties ipynb rst adoc tex glsl wgsl'.split(
    ' ',
  ),
);
/** A longer file, or one with longer lines, is data. */
const linesMax = 20_000;
const lineCharsMax = 500;

export function lineOutline(path: string, text: string): Definition[] {
  const ending = endingOf(path);
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  if (lines.length > linesMax) return [];
  if (/^(md|mdx|markdown)$/.test(ending)) return headings(lines);
  if (plain.has(ending) || ending === '') return [];
  const short = lines.map(line => (line.length > lineCharsMax ? '' : line));
  const flat = outlineOf(short)
    .slice(0, definitionsMax)
    .map(({ name, start, end }): Definition => {
      const line = short[start] ?? '';
      return {
        name,
        kind: kindOf(line),
        startLine: startWithComments(short, start) + 1,
        line: start + 1,
        endLine: Math.max(end, start + 1),
        signature: signatureOf(line).replace(/\s*\{$/, ''),
        exported: !/\b(?:private|local)\b/.test(line),
        members: [],
      };
    });
  return nested(flat);
}

function kindOf(line: string): DefinitionKind {
  const [, word] =
    /\b(class|struct|object|interface|trait|protocol|enum|type|module|namespace|const|let|var|val)\b/.exec(
      line,
    ) ?? [];
  if (word === undefined) return 'function';
  if (/^(interface|trait|protocol)$/.test(word)) return 'interface';
  if (/^(module|namespace)$/.test(word)) return 'module';
  if (/^(const|let|var|val)$/.test(word)) return 'variable';
  return word === 'enum' || word === 'type' ? word : 'class';
}

/** Each heading with what stands below it, up to the next one. */
function headings(lines: readonly string[]): Definition[] {
  const starts: { line: number; name: string }[] = [];
  let fence: string | undefined;
  for (const [i, line] of lines.entries()) {
    const [, mark] = /^\s{0,3}(`{3,}|~{3,})/.exec(line) ?? [];
    if (mark !== undefined) fence = fence === undefined ? mark : mark.startsWith(fence) ? undefined : fence;
    const [, name] = (fence === undefined && /^#{1,6}\s+(.{1,200})$/.exec(line)) || [];
    if (name !== undefined) starts.push({ line: i, name: name.replace(/\s*#*\s*$/, '') });
  }
  return starts.slice(0, definitionsMax).map(({ line, name }, i) => ({
    name,
    kind: 'section',
    startLine: line + 1,
    line: line + 1,
    endLine: starts[i + 1]?.line ?? lines.length,
    signature: signatureOf(lines[line] ?? ''),
    exported: true,
    members: [],
  }));
}
