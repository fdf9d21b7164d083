// The box where the user writes: send, stop, and whether the question is about the whole workspace.
import type { Host } from '../host.ts';
import { t } from '../l10n.ts';
import type { Attach, PanelState } from '../protocol.ts';
import { lastQuestion } from '../store.ts';
import { attachedRow } from './attached_row.ts';
import { button, checkbox, renameButton, setBoxText, textArea } from './controls.ts';
import { compactionView } from './compaction.ts';
import { element } from './element.ts';
import { fitNote } from './fit_note.ts';
import { acceptGifts } from './gifts.ts';
import { goOnQuestion } from './go_on_question.ts';
import { mentionSuggestions } from './mention_suggestions.ts';
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
  /** Puts a text in at the cursor. */
  insert: (text: string) => void;
  /** Puts a word with @ in at the cursor, and offers what it means. */
  insertMention: (word: string) => void;
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

  const box = textArea({ label: t('Ask Hearth'), placeholder: placeholder('ready') });
  const scope = checkbox({
    label: t('Ask the whole workspace'),
    onChange: checked => {
      if (checked === shownScope) return;
      chooseScope(checked);
    },
  });
  const slash = slashSuggestions(box, setDraft);
  const attach = (what: Attach): void => host.post({ type: 'attach', what });
  const mentions = mentionSuggestions({
    box,
    setText: setDraft,
    attach,
    find: (kind, query) => host.post({ type: 'findPlaces', kind, query }),
    askWorkspace: () => chooseScope(true),
  });
  const leave = (): void => box.focus();
  const chips = attachedRow({ post: host.post, leave });
  const fit = fitNote();
  const attachButton = button({
    label: t('Attach'),
    appearance: 'icon',
    icon: 'attach',
    hint: t('Attach files, symbols, problems and more. Key: @'),
    onClick: () => insertMention('@'),
  });
  const sendButton = button({ label: t('Send'), appearance: 'primary', icon: 'send', onClick: submit });
  const stopButton = button({
    label: t('Stop'),
    appearance: 'secondary',
    icon: 'stop',
    hint: t('Key: Escape'),
    onClick: stop,
  });
  attachButton.classList.add('attach');
  sendButton.classList.add('send');
  stopButton.classList.add('stop');
  stopButton.hidden = true;
  setBoxText(box, saved?.draft ?? '');

  box.addEventListener('input', () => {
    save();
    showButtons();
    showFit();
    slash.offer();
    mentions.offer();
  });
  acceptGifts(box, attach);
  box.addEventListener('keydown', (event: KeyboardEvent) => {
    // While an input method is composing, its keys are its own.
    if (event.isComposing || event.keyCode === 229) return;
    if (slash.handleKey(event) || mentions.handleKey(event)) return;
    if (event.key === 'Enter' && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      submit();
    } else if (event.key === 'Backspace' && isAtStart() && chips.focusLast()) {
      event.preventDefault();
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
    showFit();
  }
  function chooseScope(checked: boolean): void {
    useWorkspace = checked && hasWorkspace();
    chosen = true;
    showScope();
    showFit();
    save();
  }
  /** Nothing before the cursor, and nothing selected. */
  function isAtStart(): boolean {
    const { selectionStart, selectionEnd } = box.control;
    return selectionStart === 0 && selectionEnd === 0;
  }
  function insert(text: string): void {
    const { selectionStart, selectionEnd } = box.control;
    const before = box.value.slice(0, selectionStart) + text;
    setDraft(before + box.value.slice(selectionEnd));
    box.focus();
    box.control.setSelectionRange(before.length, before.length);
    mentions.offer();
  }
  function insertMention(word: string): void {
    const before = box.value.slice(0, box.control.selectionStart);
    insert(/(?:^|\s)$/.test(before) ? word : ` ${word}`);
  }
  function save(): void {
    const summary = compaction.waiting();
    host.save({ draft: box.value, useWorkspace, ...(summary && { summary }) });
  }
  function hasWorkspace(): boolean {
    return state !== undefined && (state.workspace.state !== 'none' || state.workspace.name !== undefined);
  }
  function showScope(): void {
    shownScope = useWorkspace && hasWorkspace();
    scope.checked = shownScope;
  }
  function showFit(): void {
    if (!state) return;
    const { draft, meter, workspace, turns } = state;
    const asked = turns.findLast(turn => turn.role === 'user');
    const ofFiles = (wanted: boolean): number => (wanted ? workspace.blockTokens : 0);
    fit.update({
      draft,
      text: box.value,
      meter,
      workspaceTokens: ofFiles(useWorkspace && hasWorkspace()),
      workspaceTokensBefore: ofFiles(asked?.useWorkspace ?? false),
    });
  }
  function showButtons(): void {
    const busy = state?.busy ?? false;
    stopButton.hidden = !busy;
    // While an answer runs, a question waits for its end.
    sendButton.hidden = busy && box.value.trim() === '';
    renameButton(sendButton, busy ? t('Send when this answer has ended') : t('Send'));
    sendButton.disabled = box.value.trim() === '';
  }

  const thinking = thinkingSwitch(host.post);
  const line = element(
    'div',
    { class: 'composer-line' },
    scope,
    thinking.element,
    element('div', { class: 'composer-buttons' }, attachButton, sendButton, stopButton),
  );
  const queue = queueList({ post: host.post, leave });
  const compaction = compactionView({
    post: message => {
      const next = message.type === 'compact' && state ? goOnQuestion(state.turns) : undefined;
      host.post(message);
      if (next !== undefined && box.value.trim() === '') setDraft(next);
    },
    saved: saved?.summary,
    onChange: save,
    leave,
  });
  showButtons();
  return {
    element: element(
      'footer',
      { class: 'composer' },
      compaction.element,
      queue.element,
      chips.element,
      slash.element,
      mentions.element,
      box,
      fit.element,
      line,
    ),
    update: next => {
      if (!chosen) useWorkspace = next.useWorkspace;
      state = next;
      box.placeholder = placeholder(next.engine.state);
      slash.update(next.commands);
      chips.update(next.draft);
      showFit();
      scope.disabled = !hasWorkspace();
      showScope();
      scope.title = hasWorkspace()
        ? t('The model reads the files of the open folder first')
        : t('Open a folder first');
      showButtons();
      queue.update(next.queue);
      thinking.update(next.thinking);
      compaction.update(next);
    },
    focus: () => box.focus(),
    stop,
    showSummary: compaction.show,
    insert,
    insertMention,
    fill: input => {
      useWorkspace = input.useWorkspace;
      chosen = true;
      showScope();
      setDraft(input.text);
      box.focus();
    },
  };
}

function placeholder(engine: PanelState['engine']['state']): string {
  return engine === 'stopped' || engine === 'resting'
    ? t('Ask a question (Enter to send); it starts the model')
    : t('Ask a question (Enter to send)');
}
