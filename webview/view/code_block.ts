// A block of code with its language, a copy button and an insert button. Its code can grow while it is shown.
import { button, changeIconButton } from './controls.ts';
import { element, setText } from './element.ts';
import { highlight } from './highlight.ts';
import { safeMarkup } from './safe_markup.ts';

/** How long the copy button says that it has copied. */
const copiedMs = 1500;

export interface CodeActions {
  copy: (code: string) => void;
  insert: (code: string) => void;
}
export interface CodeBlockView {
  element: HTMLElement;
  language: string;
  setCode: (code: string) => void;
}

/** Makes the view of one block of code. */
export function codeBlock(language: string, actions: CodeActions): CodeBlockView {
  let shown = '';
  const label = language || 'text';
  const code = element('code');
  const text = element(
    'pre',
    { attributes: { tabindex: '0', 'aria-label': `Code, ${label}`, role: 'group' } },
    code,
  );
  const copyButton = button({
    label: 'Copy code',
    appearance: 'icon',
    icon: 'copy',
    onClick: () => {
      actions.copy(shown);
      changeIconButton(copyButton, { label: 'Copied', icon: 'check' });
      setTimeout(() => changeIconButton(copyButton, { label: 'Copy code', icon: 'copy' }), copiedMs);
    },
  });
  const insertButton = button({
    label: 'Insert code at cursor',
    appearance: 'icon',
    icon: 'insert',
    onClick: () => actions.insert(shown),
  });
  copyButton.classList.add('copy-code');
  insertButton.classList.add('insert-code');
  const bar = element(
    'div',
    { class: 'code-bar' },
    element('span', { class: 'code-language', text: label }),
    copyButton,
    insertButton,
  );
  return {
    element: element('div', { class: 'code-block' }, bar, text),
    language,
    setCode: next => {
      const trimmed = next.replace(/\n$/, '');
      if (trimmed === shown) return;
      shown = trimmed;
      const coloured = highlight(trimmed, language);
      if (coloured === undefined) setText(code, trimmed);
      else code.replaceChildren(safeMarkup(coloured));
    },
  };
}
