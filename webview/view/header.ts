// The top of the panel: which model runs where, how full the context is, and what of the workspace is seen.
import { plural, t } from '../l10n.ts';
import type { ContextMeter, EngineView, FromPanel, PanelState, WorkspaceView } from '../protocol.ts';
import { actionLink, badge, button, divider } from './controls.ts';
import { element, renderOnChange, setText } from './element.ts';
import { failureBox } from './failure.ts';
import {
  boundText,
  clampFraction,
  count,
  engineLabel,
  firstTimeNote,
  ofKernels,
  restingNote,
  workspaceLabel,
} from './format.ts';
import { leftOutList } from './sources.ts';

/** From here on the meter warns that the context is nearly full. */
const nearlyFullFraction = 0.85;

export interface HeaderView {
  element: HTMLElement;
  update: (state: PanelState) => void;
}

/** Makes the header. */
export function headerView(post: (message: FromPanel) => void): HeaderView {
  const engine = engineView(post);
  const meter = meterView();
  const workspace = workspaceView();
  const newChat = button({
    label: 'New chat',
    appearance: 'icon',
    icon: 'add',
    onClick: () => post({ type: 'newChat' }),
  });
  const history = button({
    label: 'Conversations',
    appearance: 'icon',
    icon: 'history',
    onClick: () => post({ type: 'history' }),
  });
  const line = element('div', { class: 'header-line' }, engine.line, history, newChat);
  const facts = element(
    'div',
    { class: 'header-facts' },
    workspace.element,
    meter.element,
    engine.software,
    engine.compiling,
  );
  return {
    element: element('header', { class: 'header' }, line, engine.details, facts, divider()),
    update: state => {
      engine.update(state.engine);
      meter.update(state.meter);
      workspace.update(state.workspace);
    },
  };
}

interface EngineParts {
  line: HTMLElement;
  /** Says that no graphics device does the work. */
  software: HTMLElement;
  /** Says that kernels compile although answers are given already. */
  compiling: HTMLElement;
  details: HTMLElement;
  update: (engine: EngineView) => void;
}

function engineView(post: (message: FromPanel) => void): EngineParts {
  const name = actionLink({
    text: '',
    title: 'Choose a model',
    class: 'model',
    onClick: () => post({ type: 'action', action: 'chooseModel' }),
  });
  const label = element('span', { class: 'engine-label' });
  const software = badge('running on the CPU: slow');
  const compiling = element('span', {
    attributes: { title: firstTimeNote(), 'data-testid': 'compiling' },
  });
  const state = element(
    'div',
    { class: 'engine', attributes: { 'data-testid': 'engine' } },
    element('span', { class: 'engine-dot', attributes: { 'aria-hidden': 'true' } }),
    name,
    label,
  );
  const bar = element('progress', { attributes: { 'aria-label': 'Model loaded' } });
  const note = element('p', { class: 'note' });
  const failure = element('div');
  const details = element('div', { class: 'engine-details' }, bar, note, failure);
  return {
    line: state,
    software,
    compiling,
    details,
    update: renderOnChange(engine => {
      state.dataset['state'] = engine.state;
      const model = engine.textOnly ? `${engine.modelName} (text only)` : engine.modelName;
      state.title = [model, engine.deviceName].filter(Boolean).join(' on ');
      setText(name, engine.modelName);
      setText(label, engineLabel(engine));
      label.title = label.textContent;
      software.hidden = !engine.software;
      bar.hidden = engine.state !== 'loading' && engine.state !== 'starting' && engine.state !== 'restarting';
      setText(note, noteOf(engine));
      note.hidden = note.textContent === '';
      compiling.hidden = engine.state !== 'ready' || !engine.kernels;
      setText(compiling, engine.kernels ? `Compiling ${ofKernels(engine.kernels)} in the background` : '');
      // Without a value the bar shows that something is going on, without saying how much.
      if (engine.state === 'loading' && engine.loadFraction !== undefined)
        bar.value = clampFraction(engine.loadFraction);
      else bar.removeAttribute('value');
      const view = engine.state === 'failed' ? engine.failure : undefined;
      failure.replaceChildren(
        ...(view ? [failureBox(view, action => post({ type: 'action', action }))] : []),
      );
      details.hidden = bar.hidden && note.hidden && !view;
    }),
  };
}

function noteOf({ state, loadStage, note = '' }: EngineView): string {
  if (state === 'ready') return note;
  if (state === 'resting') return restingNote();
  return state === 'loading' && loadStage === 'compiling' ? firstTimeNote() : '';
}

function meterView(): { element: HTMLElement; update: (meter: ContextMeter) => void } {
  const text = element('span');
  const bar = element('meter', { attributes: { min: '0', max: '1', 'aria-label': 'Context used' } });
  const box = element('div', { class: 'meter', attributes: { 'data-testid': 'context-meter' } }, text, bar);
  return {
    element: box,
    update: renderOnChange(({ usedTokens, maxTokens, bound }) => {
      const fraction = maxTokens > 0 ? clampFraction(usedTokens / maxTokens) : 0;
      setText(
        text,
        `${count(usedTokens)} / ${count(maxTokens)} tokens${bound?.by === 'machine' ? ' (automatic)' : ''}`,
      );
      bar.value = fraction;
      box.hidden = maxTokens <= 0;
      box.dataset['level'] = fraction >= nearlyFullFraction ? 'high' : 'normal';
      box.title = [
        `${count(usedTokens)} of ${count(maxTokens)} context tokens are used by this chat.`,
        ...(bound ? [boundText(bound)] : []),
      ].join(' ');
    }),
  };
}

function workspaceView(): { element: HTMLElement; update: (workspace: WorkspaceView) => void } {
  const box = element('div', { class: 'workspace', attributes: { 'data-testid': 'workspace' } });
  return {
    element: box,
    update: renderOnChange(workspace => {
      box.dataset['state'] = workspace.state;
      const label = workspaceLabel(workspace);
      const leftOut = leftOutList(workspace.leftOut, files =>
        plural(files, t('{0} (1 file left out)', label), t('{0} ({1} files left out)', label, count(files))),
      );
      box.replaceChildren(leftOut ?? element('span', { text: label }));
    }),
  };
}
