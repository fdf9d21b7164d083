// A question as the user typed it, with its code as blocks and its lists as lists. A long one is folded to its beginning.
import { formatNumber, t } from '../l10n.ts';
import { type CodeActions, codeBlock } from './code_block.ts';
import { showControls } from './control_characters.ts';
import { button, setExpanded } from './controls.ts';
import { element } from './element.ts';
import { linkTitle } from './link_title.ts';
import { firstParts, inlineParts, type QuestionPart, questionParts } from './question_parts.ts';
import { workNow } from './slices.ts';

/** Beyond either of these a question is folded. */
const linesMax = 40;
const charsMax = 4_000;
/** What is left of a folded one. */
const folded = { linesMax: 15, charsMax: 1_500 };

export interface QuestionView {
  element: HTMLElement;
  update: (text: string) => void;
  /** Shows all of it. */
  unfold: () => void;
}

/** Makes the view of a question. */
export function questionView(actions: CodeActions): QuestionView {
  const body = element('div', { class: 'question-text' });
  const more = element('div');
  const box = element('div', { class: 'question' }, body, more);
  let shown: string | undefined;
  let parts: QuestionPart[] = [];
  let waiting: QuestionPart[] = [];
  let lines = 0;
  let isLong = false;
  let isFolded = false;

  const addPart = (): boolean => {
    const part = waiting.shift();
    if (part) body.append(partView(part, actions));
    return waiting.length > 0;
  };
  function fold(wanted: boolean): void {
    isFolded = wanted;
    waiting = isFolded ? firstParts(parts, folded) : [...parts];
    body.replaceChildren();
    body.classList.toggle('folded', isFolded);
    workNow(addPart);
    more.replaceChildren(...(isLong ? [foldButton()] : []));
  }
  function foldButton(): HTMLElement {
    const made = button({
      label: isFolded ? t('Show all {0} lines', formatNumber(lines)) : t('Show less'),
      appearance: 'secondary',
      onClick: () => {
        fold(!isFolded);
        more.querySelector<HTMLElement>('vscode-button')?.focus();
      },
    });
    setExpanded(made, !isFolded);
    return made;
  }
  return {
    element: box,
    update: text => {
      if (text === shown) return;
      shown = text;
      parts = questionParts(text);
      lines = text.split('\n').length;
      isLong = lines > linesMax || text.length > charsMax;
      fold(isLong);
    },
    unfold: () => {
      if (isFolded) fold(false);
    },
  };
}

function partView(part: QuestionPart, actions: CodeActions): HTMLElement {
  if (part.kind === 'code') {
    const view = codeBlock({ info: part.info }, actions);
    view.append(part.code);
    return view.element;
  }
  if (part.kind === 'text') return textView('div', part.text);
  const items = part.items.map(({ text, columns }) => {
    const item = textView('li', text);
    item.style.setProperty('--columns', String(columns));
    return item;
  });
  return element(part.ordered ? 'ol' : 'ul', { class: 'typed-list' }, ...items);
}

function textView(tag: 'div' | 'li', text: string): HTMLElement {
  const view = element(tag, { class: 'typed' });
  for (const part of inlineParts(text)) {
    if (part.kind === 'text') view.append(part.text);
    else if (part.kind === 'code') view.append(element('code', { text: part.text }));
    else {
      const attributes = { href: part.text, title: linkTitle(part.text) };
      view.append(element('a', { text: part.text, attributes }));
    }
  }
  showControls(view);
  return view;
}
