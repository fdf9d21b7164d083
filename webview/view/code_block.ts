// A block of code with its language, the path it is for, and its buttons. Its code can grow while it is shown.
import { t } from '../l10n.ts';
import { codeButtons, type CodeUses, countUses, textBefore } from './code_buttons.ts';
import { pathOfInfo } from './code_path.ts';
import { CodeText } from './code_text.ts';
import { button, changeIconButton } from './controls.ts';
import { element } from './element.ts';
import { fenceLanguage } from './fence.ts';
import { whenNear } from './when_near.ts';

/** How long the copy button says that it has copied. */
const copiedMs = 1500;

export interface CodeActions extends CodeUses {
  copy: (code: string) => void;
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
  const path = pathOfInfo(info);
  const text = new CodeText(language);
  const label = language || t('text');
  const box = element(
    'pre',
    { attributes: { tabindex: '0', 'aria-label': t('Code, {0}', label), role: 'group' } },
    text.element,
  );
  const name = element('span', { class: 'code-language', text: path ?? barText(info, label) });
  if (path !== undefined) name.title = path;
  const buttons = element('span', { class: 'code-buttons coming' });
  buttons.style.setProperty('--buttons', String(1 + countUses(language)));
  const bar = element('div', { class: 'code-bar' }, name, buttons);
  const block = element('div', { class: 'code-block' }, bar, box);
  const uses = (): HTMLElement[] =>
    codeButtons(
      language,
      () => {
        const before = textBefore(block);
        return {
          code: text.code,
          language,
          ...(path !== undefined && { path }),
          ...(before !== undefined && { before }),
        };
      },
      actions,
    );
  // A long answer has hundreds of blocks, and each button is a control of some weight.
  whenNear(block, () => {
    buttons.classList.remove('coming');
    buttons.append(
      ...(language === 'mermaid' ? [previewButton(() => actions.preview(text.code))] : []),
      copyButton(() => actions.copy(text.code)),
      ...uses(),
    );
  });
  return {
    element: block,
    info,
    get length() {
      return text.code.length;
    },
    set: code => text.set(code),
    append: code => text.append(code),
  };
}

/** The language, and what else the fence says. */
function barText(info: string, language: string): string {
  const text = info.replace(/^\{\s*\.?/, '').replace(/\}\s*$/, '');
  const [first = '', ...more] = text.split(/\s+/);
  // A word that is more than the name of a language is shown as it is.
  const name = /^[\w+#-]*$/.test(first) ? language : first;
  return [name, ...more].join(' ').trim();
}

function copyButton(copy: () => void): HTMLElement {
  const made = button({
    label: t('Copy code'),
    appearance: 'icon',
    icon: 'copy',
    onClick: () => {
      copy();
      changeIconButton(made, { label: t('Copied'), icon: 'check' });
      setTimeout(() => changeIconButton(made, { label: t('Copy code'), icon: 'copy' }), copiedMs);
    },
  });
  made.classList.add('copy-code');
  return made;
}

/** Hidden by style while the editor has no preview (answer.css). */
function previewButton(onClick: () => void): HTMLElement {
  const made = button({ label: t('Open preview'), appearance: 'icon', icon: 'preview', onClick });
  made.classList.add('preview-code');
  return made;
}
