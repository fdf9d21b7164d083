// A text that the user changes in place and then uses or leaves: an earlier question, or a summary.
import { t } from '../l10n.ts';
import type { TextArea } from '@vscode/webview-ui-toolkit';
import { button, setBoxText, textArea } from './controls.ts';
import { element } from './element.ts';

export interface TextForm {
  element: HTMLElement;
  /** Shows the form with this text and, unless told otherwise, puts the cursor into it. */
  open: (text: string, options?: { focus: boolean }) => void;
  /** Undefined while the form is closed. */
  text: () => string | undefined;
  /** Closes it without telling. */
  close: () => void;
  focus: () => void;
}
export interface TextFormOptions {
  /** What the text is, for screen readers. */
  label: string;
  /** Of the button that uses the text. */
  use: string;
  onUse: (text: string) => void;
  /** The user is done with the form; `used` tells whether its text was used or left. */
  onClose: (used: boolean) => void;
  /** The user has changed the text. */
  onChange?: () => void;
  /** Makes a list of suggestions for the box, which opens below it. */
  suggestions?: (box: TextArea, setText: (text: string) => void) => FormSuggestions;
}
export interface FormSuggestions {
  element: HTMLElement;
  offer: () => void;
  /** True when the key was for the list. */
  handleKey: (event: KeyboardEvent) => boolean;
}

/** Makes the form, closed at first. Ctrl+Enter or Cmd+Enter uses the text, Escape leaves it; the buttons say so. */
export function textForm(options: TextFormOptions): TextForm {
  const { label, use, onUse, onClose, onChange } = options;
  const box = textArea({ label, placeholder: label });
  const useButton = button({ label: use, appearance: 'primary', onClick: submit });
  const cancel = button({ label: t('Cancel'), appearance: 'secondary', onClick: () => end() });
  useButton.title = t('Key: Ctrl+Enter');
  const form = element(
    'div',
    { class: 'text-form', attributes: { 'data-testid': 'text-form' } },
    box,
    element('div', { class: 'text-form-buttons' }, useButton, cancel),
  );
  form.hidden = true;
  const suggestions = options.suggestions?.(box, text => {
    setBoxText(box, text);
    changed();
  });
  if (suggestions) box.after(suggestions.element);
  function changed(): void {
    useButton.disabled = box.value.trim() === '';
    onChange?.();
  }
  box.addEventListener('input', () => {
    changed();
    suggestions?.offer();
  });
  form.addEventListener('keydown', event => {
    if (event.isComposing) return;
    if (event.target === box && suggestions?.handleKey(event)) return;
    if (event.key === 'Escape') {
      // Elsewhere Escape stops the answer.
      event.stopPropagation();
      end();
    } else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      submit();
    }
  });
  function submit(): void {
    const text = box.value.trim();
    if (text === '') return;
    onUse(text);
    end({ used: true });
  }
  function end({ used } = { used: false }): void {
    form.hidden = true;
    onClose(used);
  }
  return {
    element: form,
    open: (text, { focus } = { focus: true }) => {
      form.hidden = false;
      setBoxText(box, text);
      useButton.disabled = text.trim() === '';
      if (focus) box.focus();
    },
    text: () => (form.hidden ? undefined : box.value),
    close: () => {
      form.hidden = true;
    },
    focus: () => box.focus(),
  };
}
