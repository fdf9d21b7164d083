// A block of code with its language and its buttons: copy, insert, and a preview where there can be one. Its code can grow.
import { CodeText } from './code_text.ts';
import { button, changeIconButton } from './controls.ts';
import { element } from './element.ts';
import { fenceLanguage } from './fence.ts';

/** How long the copy button says that it has copied. */
const copiedMs = 1500;

export interface CodeActions {
  copy: (code: string) => void;
  insert: (code: string) => void;
  /** Shows a diagram as a picture; only where the editor has what it takes. */
  preview: (code: string) => void;
}
export interface CodeBlockView {
  element: HTMLElement;
  /** The whole info string of its fence. */
  info: string;
  /** Characters of its code. */
  readonly length: number;
  /** Shows `code`; a code that only grew keeps what is there. */
  set: (code: string) => void;
  append: (code: string) => void;
}

/** Makes the view of one block of code, still empty. */
export function codeBlock({ info }: { info: string }, actions: CodeActions): CodeBlockView {
  const language = fenceLanguage(info);
  const text = new CodeText(language);
  const label = language || 'text';
  const box = element(
    'pre',
    { attributes: { tabindex: '0', 'aria-label': `Code, ${label}`, role: 'group' } },
    text.element,
  );
  const copyButton = button({
    label: 'Copy code',
    appearance: 'icon',
    icon: 'copy',
    onClick: () => {
      actions.copy(text.code);
      changeIconButton(copyButton, { label: 'Copied', icon: 'check' });
      setTimeout(() => changeIconButton(copyButton, { label: 'Copy code', icon: 'copy' }), copiedMs);
    },
  });
  const insertButton = button({
    label: 'Insert code at cursor',
    appearance: 'icon',
    icon: 'insert',
    onClick: () => actions.insert(text.code),
  });
  copyButton.classList.add('copy-code');
  insertButton.classList.add('insert-code');
  const bar = element(
    'div',
    { class: 'code-bar' },
    element('span', { class: 'code-language', text: barText(info, label) }),
    ...(language === 'mermaid' ? [previewButton(() => actions.preview(text.code))] : []),
    copyButton,
    insertButton,
  );
  return {
    element: element('div', { class: 'code-block' }, bar, box),
    info,
    get length() {
      return text.code.length;
    },
    set: code => text.set(code),
    append: code => text.append(code),
  };
}

/** The language, and what else the fence says, such as the name of a file. */
function barText(info: string, language: string): string {
  const text = info.replace(/^\{\s*\.?/, '').replace(/\}\s*$/, '');
  const [first = '', ...more] = text.split(/\s+/);
  // A word that is more than the name of a language, such as a path, is shown as it is.
  const name = /^[\w+#-]*$/.test(first) ? language : first;
  return [name, ...more].join(' ').trim();
}

/** Hidden by style while the editor has no preview (answer.css). */
function previewButton(onClick: () => void): HTMLElement {
  const made = button({ label: 'Open preview', appearance: 'icon', icon: 'preview', onClick });
  made.classList.add('preview-code');
  return made;
}
