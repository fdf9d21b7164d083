// Task lists in Markdown: `- [ ]` and `- [x]` become a box before the text of the item, which names it. Pure.
import { type MarkdownIt, type StateCore, type Token } from 'markdown-it';

const mark = /^\[([ xX])\][ \t]+(?=\S)/;

/** Teaches `markdown` task lists. */
export function addTaskLists(markdown: MarkdownIt): void {
  markdown.core.ruler.after('inline', 'task_lists', state => {
    state.tokens.forEach((token, index) => {
      if (token.type === 'inline' && isFirstOfItem(state.tokens, index)) makeTask(state, token);
    });
  });
  markdown.renderer.rules['task_open'] = (tokens, index) =>
    `<label class="task"><input type="checkbox" disabled${tokens[index]?.meta?.['done'] === true ? ' checked' : ''}>`;
  markdown.renderer.rules['task_close'] = () => '</label>';
}

function isFirstOfItem(tokens: Token[], index: number): boolean {
  return tokens[index - 1]?.type === 'paragraph_open' && tokens[index - 2]?.type === 'list_item_open';
}

function makeTask(state: StateCore, inline: Token): void {
  const found = mark.exec(inline.content);
  const [first] = inline.children ?? [];
  if (!found || first?.type !== 'text') return;
  first.content = first.content.slice('[ ]'.length).trimStart();
  const open = new state.Token('task_open', 'label', 1);
  open.meta = { done: found[1] !== ' ' };
  inline.children = [open, ...(inline.children ?? []), new state.Token('task_close', 'label', -1)];
}
