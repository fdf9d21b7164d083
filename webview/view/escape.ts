// What Escape does in the chat. The innermost thing takes it: whoever has handled the key already, then the opened list or thought
// that the focus is in, which closes, and last a running answer, which stops. Elsewhere in the page it does nothing.

export interface EscapeOptions {
  /** Where Escape stops an answer: the conversation and the input below it; also where nothing has the focus. */
  stopsIn: HTMLElement[];
  isRunning: () => boolean;
  stop: () => void;
}

/** Handles the key for everything inside `root`. */
export function handleEscape(root: HTMLElement, { stopsIn, isRunning, stop }: EscapeOptions): void {
  root.addEventListener('keydown', event => {
    // While an input method is composing, its keys are its own.
    if (event.key !== 'Escape' || event.isComposing || event.defaultPrevented) return;
    const target = event.target instanceof Element ? event.target : root;
    const opened = target.closest<HTMLDetailsElement>('details[open]');
    if (opened) {
      event.preventDefault();
      opened.open = false;
      opened.querySelector('summary')?.focus();
    } else if (isRunning() && (target === root || stopsIn.some(part => part.contains(target)))) {
      event.preventDefault();
      stop();
    }
  });
}
