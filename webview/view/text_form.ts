// A text that the user changes in place and then uses or leaves: an earlier message, or a summary.
import { t } from '../l10n.ts';
import type { TextArea } from '@vscode/webview-ui-toolkit';
import { button, setBoxText, textArea } from './controls.ts';
import { element } from './element.ts';

export interface TextForm {
  element: HTMLElement;
  /** Shows the form with this text and, unless told otherwise, puts the cursor into it. */
  open: (text: string, options?: { focus: boolean }) => void;
  /** Whether the text can be used now; it can be changed all the while. */
  allow: (on: boolean) => void;
  /** Undefined while the form is closed. */
  text: () => string | undefined;
  /** Closes it; `onClose` does not hear of that. */
  close: () => void;
  focus: () => void;
}
export interface TextFormOptions {
  /** What the text is, for screen readers. */
  label: string;
  /** Of the button that uses the text. */
  use: string;
  /** Enter alone uses the text, as in the input, and Shift+Enter breaks the line. */
  enterUses?: boolean;
  onUse: (text: string) => void;
  /** The user is done with the form; `used` tells whether its text was used or left. */
  onClose: (used: boolean) => void;
  /** The user has changed the text. */
  onChange?: () => void;
  /** Makes a list of suggestions for the box, which opens over what is below the box. */
  suggestions?: (box: TextArea, setText: (text: string) => void) => FormSuggestions;
}
export interface FormSuggestions {
  element: HTMLElement;
  offer: () => void;
  /** True when the key was for the list. */
  handleKey: (event: KeyboardEvent) => boolean;
}

/**
 * Makes the form, closed at first. Ctrl+Enter or Cmd+Enter, or Enter where it is to, uses the text, blanks around it apart, and nothing
 * while it is empty; Escape leaves it. The buttons name the keys.
 */
export function textForm(options: TextFormOptions): TextForm {
  const { label, use, enterUses = false, onUse, onClose, onChange } = options;
  const box = textArea({ label, placeholder: label });
  const useButton = button({
    label: use,
    appearance: 'primary',
    hint: enterUses ? t('Key: Enter') : t('Key: Ctrl+Enter'),
    onClick: submit,
  });
  const cancel = button({
    label: t('Cancel'),
    appearance: 'secondary',
    hint: t('Key: Escape'),
    onClick: () => end(),
  });
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
  let isAllowed = true;
  const mayUse = (): boolean => isAllowed && box.value.trim() !== '';
  function changed(): void {
    useButton.disabled = !mayUse();
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
    } else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey || usesAlone(event))) {
      event.preventDefault();
      submit();
    }
  });
  function usesAlone({ target, shiftKey }: KeyboardEvent): boolean {
    return enterUses && target === box && !shiftKey;
  }
  function submit(): void {
    if (!mayUse()) return;
    onUse(box.value.trim());
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
      useButton.disabled = !mayUse();
      if (focus) box.focus();
    },
    allow: on => {
      isAllowed = on;
      useButton.disabled = !mayUse();
    },
    text: () => (form.hidden ? undefined : box.value),
    close: () => {
      form.hidden = true;
    },
    focus: () => box.focus(),
  };
}
