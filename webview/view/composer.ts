// The box where the user writes: send, stop, and whether the question is about the whole workspace.
import type { Host } from '../host.ts';
import type { PanelState } from '../protocol.ts';
import { lastQuestion } from '../store.ts';
import { button, checkbox, renameButton, setBoxText, textArea } from './controls.ts';
import { compactionView } from './compaction.ts';
import { element } from './element.ts';
import { queueList } from './queue.ts';
import { slashSuggestions } from './slash_suggestions.ts';
import { thinkingSwitch } from './thinking_switch.ts';

export interface ComposerView {
  element: HTMLElement;
  update: (state: PanelState) => void;
  focus: () => void;
  /** Stops the running answer and leaves the focus in the box. */
  stop: () => void;
  /** Puts a text into the box, for the user to change or send. */
  fill: (input: { text: string; useWorkspace: boolean }) => void;
  /** Shows a summary, for the user to change and use. */
  showSummary: (text: string | undefined) => void;
}

/** Makes the composer; what was being written when the page went away is there again. */
export function composerView(host: Host): ComposerView {
  const saved = host.saved();
  let state: PanelState | undefined;
  /** The user's choice; until there is one, the host's. */
  let useWorkspace = saved?.useWorkspace ?? false;
  let chosen = saved !== undefined;
  /** What the checkbox was set to; the library reports that, too, as a change. */
  let shownScope = false;

  const box = textArea({ label: 'Ask Hearth', placeholder: 'Ask a question (Enter to send)' });
  const scope = checkbox({
    label: 'Ask the whole workspace',
    onChange: checked => {
      if (checked === shownScope) return;
      shownScope = checked;
      useWorkspace = checked;
      chosen = true;
      save();
    },
  });
  const slash = slashSuggestions(box, setDraft);
  const sendButton = button({ label: 'Send', appearance: 'primary', icon: 'send', onClick: submit });
  const stopButton = button({ label: 'Stop', appearance: 'secondary', icon: 'stop', onClick: stop });
  sendButton.classList.add('send');
  stopButton.classList.add('stop');
  stopButton.hidden = true;
  setBoxText(box, saved?.draft ?? '');

  box.addEventListener('input', () => {
    save();
    showButtons();
    slash.offer();
  });
  box.addEventListener('keydown', (event: KeyboardEvent) => {
    // While an input method is composing, its keys are its own.
    if (event.isComposing || event.keyCode === 229) return;
    if (slash.handleKey(event)) return;
    if (event.key === 'Enter' && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      submit();
    } else if (event.key === 'ArrowUp' && box.value === '') {
      const question = state && lastQuestion(state);
      if (question === undefined) return;
      event.preventDefault();
      setDraft(question);
    }
  });
  function submit(): void {
    const text = box.value.trim();
    if (!text) return;
    host.post({ type: 'submit', text, useWorkspace: useWorkspace && hasWorkspace() });
    setDraft('');
    box.focus();
  }
  function stop(): void {
    host.post({ type: 'stop' });
    box.focus();
  }
  function setDraft(text: string): void {
    setBoxText(box, text);
    save();
    showButtons();
  }
  function save(): void {
    host.save({ draft: box.value, useWorkspace });
  }
  function hasWorkspace(): boolean {
    return state !== undefined && (state.workspace.state !== 'none' || state.workspace.name !== undefined);
  }
  function showScope(): void {
    shownScope = useWorkspace && hasWorkspace();
    scope.checked = shownScope;
  }
  function showButtons(): void {
    const busy = state?.busy ?? false;
    stopButton.hidden = !busy;
    // While an answer runs, a question waits for its end.
    sendButton.hidden = busy && box.value.trim() === '';
    renameButton(sendButton, busy ? 'Send when this answer has ended' : 'Send');
    sendButton.disabled = box.value.trim() === '';
  }

  const thinking = thinkingSwitch(host.post);
  const line = element(
    'div',
    { class: 'composer-line' },
    scope,
    thinking.element,
    element('div', { class: 'composer-buttons' }, sendButton, stopButton),
  );
  const queue = queueList(host.post);
  const compaction = compactionView(host.post);
  showButtons();
  return {
    element: element(
      'footer',
      { class: 'composer' },
      compaction.element,
      queue.element,
      slash.element,
      box,
      line,
    ),
    update: next => {
      if (!chosen) useWorkspace = next.useWorkspace;
      state = next;
      slash.update(next.commands);
      scope.disabled = !hasWorkspace();
      showScope();
      scope.title = hasWorkspace()
        ? 'The model reads the files of the open folder first'
        : 'Open a folder first';
      showButtons();
      queue.update(next.queue);
      thinking.update(next.thinking);
      compaction.update(next);
    },
    focus: () => box.focus(),
    stop,
    showSummary: compaction.show,
    fill: input => {
      useWorkspace = input.useWorkspace;
      chosen = true;
      showScope();
      setDraft(input.text);
      box.focus();
    },
  };
}
