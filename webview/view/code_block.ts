// A block of code with its language, the path it is for, and its buttons. Its code can grow while it is shown.
import { t } from '../l10n.ts';
import { codeButtons, type CodeUses, textBefore } from './code_buttons.ts';
import { pathOfInfo } from './code_path.ts';
import { button, changeIconButton } from './controls.ts';
import { element, setText } from './element.ts';
import { fenceLanguage, highlight } from './highlight.ts';
import { safeMarkup } from './safe_markup.ts';

/** How long the copy button says that it has copied. */
const copiedMs = 1500;

export interface CodeActions extends CodeUses {
  copy: (code: string) => void;
}
export interface CodeBlockView {
  element: HTMLElement;
  /** The whole info string of its fence. */
  info: string;
  setCode: (code: string) => void;
}

/** Makes the view of one block of code. */
export function codeBlock({ info }: { info: string }, actions: CodeActions): CodeBlockView {
  const language = fenceLanguage(info);
  const path = pathOfInfo(info);
  let shown = '';
  const label = language || t('text');
  const code = element('code');
  const text = element(
    'pre',
    { attributes: { tabindex: '0', 'aria-label': t('Code, {0}', label), role: 'group' } },
    code,
  );
  const copyButton = button({
    label: t('Copy code'),
    appearance: 'icon',
    icon: 'copy',
    onClick: () => {
      actions.copy(shown);
      changeIconButton(copyButton, { label: t('Copied'), icon: 'check' });
      setTimeout(() => changeIconButton(copyButton, { label: t('Copy code'), icon: 'copy' }), copiedMs);
    },
  });
  copyButton.classList.add('copy-code');
  const name = element('span', { class: 'code-language', text: path ?? label });
  if (path !== undefined) name.title = path;
  const bar = element('div', { class: 'code-bar' }, name);
  const block = element('div', { class: 'code-block' }, bar, text);
  const uses = codeButtons(
    language,
    () => {
      const before = textBefore(block);
      return {
        code: shown,
        language,
        ...(path !== undefined && { path }),
        ...(before !== undefined && { before }),
      };
    },
    actions,
  );
  bar.append(element('span', { class: 'code-buttons' }, copyButton, ...uses));
  return {
    element: block,
    info,
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
