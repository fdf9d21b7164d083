// One turn of the conversation: who speaks, the text, and below an answer its sources, numbers or failure.
import { formatNumber, plural, t } from '../l10n.ts';
import type { AssistantTurn, Attach, FromPanel, KernelsView, Turn } from '../protocol.ts';
import { isRunning, isThinking, isWaiting } from '../store.ts';
import { attachedToTurn } from './attached_row.ts';
import { branchLine } from './branch_line.ts';
import type { CodeActions } from './code_block.ts';
import { actionLink, button, progressRing } from './controls.ts';
import { element, renderOnChange, renderOnDifference, setText } from './element.ts';
import { failureBox } from './failure.ts';
import { clampFraction, statsLine, waitLabel } from './format.ts';
import { acceptPastes } from './gifts.ts';
import { goOnLine } from './go_on.ts';
import { MarkdownView } from './markdown.ts';
import { mentionSuggestions } from './mention_suggestions.ts';
import { questionView } from './question.ts';
import { type LeftOut, leftOutList, sourceList } from './sources.ts';
import { textForm } from './text_form.ts';
import { thoughtLine } from './thought.ts';
import { thoughtEndLine } from './thought_end.ts';

export interface TurnView {
  element: HTMLElement;
  update: (turn: Turn, kernels: KernelsView | undefined, isBusy: boolean) => void;
}

/** Makes the view of a turn; `update` must be given turns of the same role, the kernels that compile meanwhile, and whether an answer runs. */
export function turnView(turn: Turn, post: (message: FromPanel) => void): TurnView {
  switch (turn.role) {
    case 'user':
      return userTurnView(turn.id, post);
    case 'assistant':
      return assistantTurnView(turn.id, post);
    case 'summary':
      return summaryTurnView(turn.id, post);
    default:
      return turn satisfies never;
  }
}

function userTurnView(id: string, post: (message: FromPanel) => void): TurnView {
  let shown: Extract<Turn, { role: 'user' }> | undefined;
  /** What the question that is being edited asks about. */
  let asksWorkspace = false;
  const text = questionView(codeActions(post));
  const notes = element('div', { class: 'question-notes' });
  const showNotes = renderOnDifference((lines: string[] = []) => {
    notes.replaceChildren(...lines.map(line => element('p', { class: 'note', text: line })));
  });
  const scope = element('p', { class: 'note', text: t('Asked about the whole workspace') });
  const edit = button({
    label: t('Edit question'),
    appearance: 'icon',
    icon: 'edit',
    onClick: () => {
      if (!shown) return;
      asksWorkspace = shown.useWorkspace;
      text.element.hidden = true;
      edit.hidden = true;
      attached.edit(true);
      form.open(shown.text);
    },
  });
  edit.classList.add('edit');
  const form = textForm({
    label: t('Question'),
    use: t('Ask this instead'),
    enterUses: true,
    onUse: changed => {
      const [attachmentIds, attach] = [attached.ids(), attached.added()];
      post({
        type: 'edit',
        turnId: id,
        text: changed,
        useWorkspace: asksWorkspace,
        attachmentIds,
        attach,
      });
    },
    suggestions: (box, setText) => {
      acceptPastes(box, what => attached.add(what, nameOf(what)));
      return mentionSuggestions({
        box,
        setText,
        attach: (what, label) => attached.add(what, label),
        find: (kind, query) => post({ type: 'findPlaces', kind, query }),
        askWorkspace: () => {
          asksWorkspace = true;
          scope.hidden = false;
        },
      });
    },
    onClose: used => {
      scope.hidden = !shown?.useWorkspace;
      attached.edit(false);
      text.element.hidden = false;
      edit.hidden = false;
      if (!used) edit.focus();
    },
  });
  const attached = attachedToTurn(() => form.focus());
  const branch = branchLine(post);
  const article = turnElement({ id, role: 'user', speaker: t('You') });
  article.dataset['status'] = 'done';
  article.prepend(edit);
  article.append(text.element, form.element, attached.element, notes, scope, branch.element);
  return {
    element: article,
    update: (turn, _kernels, isBusy) => {
      if (turn.role !== 'user') return;
      shown = turn;
      text.update(turn.text);
      showNotes(turn.notes);
      attached.update(turn.attachments);
      if (form.text() === undefined) scope.hidden = !turn.useWorkspace;
      branch.update(turn.branch, isBusy);
    },
  };
}

/** What the host will call it. */
function nameOf(what: Attach): string {
  if (what.kind !== 'paste') return what.kind === 'content' ? what.name : '';
  const lines = what.text.split('\n').length;
  return plural(lines, t('Pasted text, 1 line'), t('Pasted text, {0} lines', formatNumber(lines)));
}

function summaryTurnView(id: string, post: (message: FromPanel) => void): TurnView {
  let of = '';
  const text = element('div', { class: 'question' });
  const whole = actionLink({
    text: t('Show the whole conversation'),
    title: t('Show the branch that this summary stands for'),
    class: 'whole',
    onClick: () => post({ type: 'switchBranch', turnId: of }),
  });
  const article = turnElement({ id, role: 'summary', speaker: t('Summary of what was said before') });
  article.dataset['status'] = 'done';
  article.append(text, element('p', { class: 'note' }, whole));
  return {
    element: article,
    update: turn => {
      if (turn.role !== 'summary') return;
      of = turn.of;
      setText(text, turn.text);
    },
  };
}

function assistantTurnView(id: string, post: (message: FromPanel) => void): TurnView {
  const article = turnElement({ id, role: 'assistant', speaker: 'Hearth' });
  const progress = progressView();
  const thought = thoughtLine();
  const answer = new MarkdownView(codeActions(post));
  const edited = element('p', { class: 'note', text: t('Edited by you') });
  const thoughtEnd = thoughtEndLine(post);
  const form = textForm({
    label: t('Answer'),
    use: t('Use this instead'),
    onUse: text => post({ type: 'editAnswer', turnId: id, text }),
    onClose: used => {
      showForm(false);
      if (!used) edit.focus();
    },
  });
  const ending = goOnLine(post);
  const failure = element('div');
  const sources = element('div', { class: 'evidence' });
  const footer = element('div', { class: 'turn-footer' });
  const branch = branchLine(post);
  article.append(
    progress.element,
    thought.element,
    thoughtEnd.element,
    answer.element,
    form.element,
    edited,
    ending.element,
    failure,
    sources,
    footer,
    branch.element,
  );

  let latestText = '';
  const stats = element('span', { class: 'stats', attributes: { 'data-testid': 'stats' } });
  const copyAnswer = button({
    label: t('Copy answer'),
    appearance: 'icon',
    icon: 'copy',
    onClick: () => post({ type: 'copyCode', code: latestText }),
  });
  const again = button({
    label: t('Answer again'),
    appearance: 'icon',
    icon: 'again',
    onClick: () => post({ type: 'action', action: 'retry', turnId: id }),
  });
  const edit = button({
    label: t('Edit answer'),
    appearance: 'icon',
    icon: 'edit',
    onClick: () => {
      showForm(true);
      form.open(latestText);
    },
  });
  footer.append(stats, edit, again, copyAnswer);
  function showForm(on: boolean): void {
    answer.element.hidden = on;
    edit.hidden = on || latestText === '';
  }

  const showFailure = renderOnChange((view: AssistantTurn['failure']) => {
    failure.replaceChildren(
      ...(view ? [failureBox(view, action => post({ type: 'action', action, turnId: id }))] : []),
    );
  });
  const showSources = renderOnChange((view: AssistantTurn['sources']) => {
    const list = sourceList(view, ({ uri, startLine, endLine }) =>
      post({ type: 'openSource', uri, startLine, endLine }),
    );
    sources.querySelector('.sources')?.remove();
    if (list) sources.prepend(list);
  });
  const showLeftOut = renderOnDifference((view: LeftOut & { filesSeen: string }) => {
    const list = leftOutList(view, view.filesSeen);
    sources.querySelector('.left-out')?.remove();
    if (list) sources.append(list);
  });

  return {
    element: article,
    update: (turn, kernels, isBusy) => {
      if (turn.role !== 'assistant') return;
      const running = isRunning(turn);
      // What was shown as the answer turned out to be a thought: it stays in sight.
      const turnedIntoThought = running && turn.text === '' && latestText !== '';
      latestText = turn.text;
      // It goes on: what was being written was about another text.
      if (running) form.close();
      form.allow(!isBusy);
      showForm(form.text() !== undefined);
      article.dataset['status'] = turn.status;
      article.setAttribute('aria-busy', String(running));
      progress.update(turn, kernels);
      thought.update(turn.thinking, isThinking(turn));
      if (turnedIntoThought) thought.open();
      thoughtEnd.update(turn.thinking, isThinking(turn));
      answer.update(turn.text, !running);
      edited.hidden = !turn.edited;
      ending.update(turn);
      branch.update(running ? undefined : turn.branch, isBusy);
      showFailure(turn.failure);
      showSources(turn.sources);
      const { leftOut, leftOutMore, filesSeen } = turn;
      showLeftOut({ leftOut, leftOutMore, filesSeen });
      setText(stats, turn.stats ? statsLine(turn.stats) : '');
      stats.hidden = !turn.stats;
      // A failed answer offers what helps in its own box.
      again.hidden = turn.status === 'failed';
      copyAnswer.hidden = again.hidden || !turn.text;
      footer.hidden = running || (again.hidden && !turn.stats && latestText === '');
    },
  };
}

function codeActions(post: (message: FromPanel) => void): CodeActions {
  return {
    copy: code => post({ type: 'copyCode', code }),
    insert: code => post({ type: 'insertCode', ...code }),
    apply: code => post({ type: 'applyCode', ...code }),
    newFile: code => post({ type: 'newFile', ...code }),
    run: code => post({ type: 'runInTerminal', ...code }),
    preview: code => post({ type: 'previewDiagram', code }),
  };
}

function turnElement(options: { id: string; role: Turn['role']; speaker: string }): HTMLElement {
  return element(
    'article',
    { class: `turn ${options.role}`, attributes: { 'data-turn': options.id, 'data-role': options.role } },
    element('h2', { class: 'speaker', text: options.speaker }),
  );
}

/** What the model is doing before the first word, with a bar while it reads the prompt. */
function progressView(): {
  element: HTMLElement;
  update: (turn: AssistantTurn, kernels: KernelsView | undefined) => void;
} {
  const text = element('span');
  const bar = element('progress', { attributes: { 'aria-label': t('Prompt read') } });
  const box = element(
    'div',
    { class: 'progress', attributes: { 'data-testid': 'progress' } },
    progressRing(),
    text,
    bar,
  );
  return {
    element: box,
    update: (turn, kernels) => {
      box.hidden = !isWaiting(turn);
      const reading = turn.status === 'reading' ? turn.reading : undefined;
      setText(text, waitLabel(reading, kernels));
      bar.hidden = !reading;
      bar.value = reading ? clampFraction(reading.done / reading.total) : 0;
    },
  };
}
