// The top of the panel, one line: the model, what it does, how full the context is, and the way to other conversations. What keeps
// the user waiting or needs them stands below it.
import { t } from '../l10n.ts';
import type { EngineView, FromPanel, PanelState } from '../protocol.ts';
import { actionLink, badge, button } from './controls.ts';
import { contextRing } from './context_ring.ts';
import { element, renderOnChange, setText } from './element.ts';
import { failureBox } from './failure.ts';
import { figuresText, figuresView, modelLines } from './figures.ts';
import { clampFraction, engineLabel, restingNote } from './format.ts';

const figuresId = 'figures';

export interface HeaderView {
  element: HTMLElement;
  update: (state: PanelState) => void;
}

/** Makes the header. */
export function headerView(post: (message: FromPanel) => void): HeaderView {
  const engine = engineView(post);
  const ring = contextRing(figuresId);
  const history = button({
    label: t('Conversations'),
    appearance: 'icon',
    icon: 'history',
    hint: t('Conversations. Key: Ctrl+Alt+H H'),
    onClick: () => post({ type: 'history' }),
  });
  const newChat = button({
    label: t('New chat'),
    appearance: 'icon',
    icon: 'add',
    hint: t('New chat. Key: Ctrl+Alt+H N'),
    onClick: () => post({ type: 'newChat' }),
  });
  const line = element('div', { class: 'header-line' }, engine.line, ring.element, history, newChat);
  const figures = figuresView(figuresId, line);
  // What the page is, for those who go from heading to heading.
  const title = element('h1', { class: 'spoken', text: 'Hearth' });
  return {
    element: element('header', { class: 'header' }, title, line, figures.element, engine.details),
    update: state => {
      engine.update(state.engine);
      ring.update(state.meter, figuresText(state));
      figures.update(state);
    },
  };
}

interface EngineParts {
  line: HTMLElement;
  /** What there is to wait for or to do; hidden while there is nothing. */
  details: HTMLElement;
  update: (engine: EngineView) => void;
}

function engineView(post: (message: FromPanel) => void): EngineParts {
  const name = actionLink({
    text: '',
    title: t('Choose a model'),
    class: 'model',
    onClick: () => post({ type: 'action', action: 'chooseModel' }),
  });
  const label = element('span', { class: 'engine-label' });
  const software = badge(t('CPU'));
  software.title = t('running on the CPU: slow');
  const line = element(
    'div',
    { class: 'engine', attributes: { 'data-testid': 'engine' } },
    element('span', { class: 'engine-dot', attributes: { 'aria-hidden': 'true' } }),
    name,
    software,
    label,
  );
  const bar = element('progress', { attributes: { 'aria-label': t('Model loaded') } });
  const note = element('p', { class: 'note' });
  const failure = element('div');
  const details = element('div', { class: 'engine-details' }, bar, note, failure);
  return {
    line,
    details,
    update: renderOnChange(engine => {
      line.dataset['state'] = engine.state;
      line.title = modelLines(engine).join('\n');
      setText(name, engine.modelName);
      setText(label, engineLabel(engine));
      software.hidden = !engine.software;
      bar.hidden = engine.state !== 'loading' && engine.state !== 'starting' && engine.state !== 'restarting';
      setText(note, engine.state === 'resting' ? restingNote() : (engine.note ?? ''));
      note.hidden = note.textContent === '';
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
