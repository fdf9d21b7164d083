// Long conversations and long answers for tests of the page, always the same.
import type { Turn } from '../../webview/protocol.ts';
import { answer, question } from './panel_states.ts';

const code =
  '```ts\nexport function add(a: number, b: number): number {\n  // Adds two numbers.\n  return a + b;\n}\n```\n';
const list =
  '1. split the **text** into `tokens`\n2. build the tree\n3. check it, see [the notes](https://example.com/notes)\n';
const table = '| Kind | Example |\n| --- | --- |\n| number | `42` |\n| name | `total` |\n';
const paragraph =
  'The parser lives in `src/parser.ts`. It reads one token after the other, keeps a stack of open brackets, and throws when one is missing. ';

/** So many turns, questions and answers in turn, whose texts are of many lengths. */
export function longConversation(turns: number): Turn[] {
  return Array.from({ length: turns }, (_, index) => {
    const id = `t${index}`;
    if (index % 2 === 0)
      return question({ id, text: `Question ${index}?${'\nWith a line more.'.repeat(index % 5)}` });
    const text = [
      `Answer ${index}.\n\n${paragraph.repeat(1 + (index % 4))}\n\n`,
      index % 3 === 0 ? code : '',
      index % 4 === 1 ? list : '',
      index % 5 === 0 ? table : '',
    ].join('\n');
    return answer({ id, text });
  });
}

/** An answer of at least so many characters, with everything that answers have. */
export function longAnswer(chars: number): string {
  const part = (index: number): string =>
    `## Part ${index}\n\n${paragraph.repeat(3)}\n\n${list}\n${code}\n${table}\n> A quote with $E = mc^2$.\n\n`;
  let text = '';
  for (let index = 0; text.length < chars; index++) text += part(index);
  return text;
}

/** The same length as one block: code, a list, a paragraph or a table without end. */
export function oneBlock(kind: 'code' | 'list' | 'paragraph' | 'table', chars: number): string {
  const repeated = (text: string): string => text.repeat(Math.ceil(chars / text.length));
  if (kind === 'code') return `\`\`\`ts\n${repeated('const total = add(1, 2); // and so on\n')}`;
  if (kind === 'list') return repeated('- an item with **strong** words and `code`\n');
  if (kind === 'table') return `| a | b |\n|---|---|\n${repeated('| some `cell` | another cell |\n')}`;
  return repeated(paragraph);
}
