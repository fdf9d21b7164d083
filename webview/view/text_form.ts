// A text that the user changes in place and then uses or leaves: an earlier question, or a summary.
import { t } from '../l10n.ts';
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
}

/** Makes the form, closed at first. Ctrl+Enter or Cmd+Enter uses the text, Escape leaves it; the buttons say so. */
export function textForm({ label, use, onUse, onClose, onChange }: TextFormOptions): TextForm {
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
  box.addEventListener('input', () => {
    useButton.disabled = box.value.trim() === '';
    onChange?.();
  });
  form.addEventListener('keydown', event => {
    if (event.isComposing) return;
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
