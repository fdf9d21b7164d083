// What an empty chat shows: what Hearth is for, and some questions to begin with.
import { t } from '../l10n.ts';
import type { PanelState, WorkspaceView } from '../protocol.ts';
import { button } from './controls.ts';
import { element, setText } from './element.ts';

interface Example {
  text: string;
  useWorkspace: boolean;
}
/** So many are shown: the first ones that there are. */
const examplesMax = 3;
/** Part of the name of the model that comes with the extension. */
const embeddedModel = /hearth[ -]tiny/i;

export interface WelcomeView {
  element: HTMLElement;
  update: (state: Pick<PanelState, 'engine' | 'workspace'>) => void;
}

/** Makes the welcome; an example goes into the box, for the user to change or send. */
export function welcomeView({
  onExample,
  onChooseModel,
}: {
  onExample: (example: Example) => void;
  onChooseModel: () => void;
}): WelcomeView {
  const modelNote = element('p', { class: 'note', attributes: { 'data-testid': 'model-note' } });
  const chooseModel = button({ label: t('Choose a model'), appearance: 'primary', onClick: onChooseModel });
  const embeddedNote = element('div', { class: 'welcome-model' }, modelNote, chooseModel);
  const textNote = element('p', {
    class: 'note',
    text: t('Only the text part of this model is used: it cannot look at pictures here.'),
    attributes: { 'data-testid': 'text-only' },
  });
  const keysNote = element('p', {
    class: 'note',
    text: t('Write @ to attach files, symbols, problems and more, or / for commands.'),
  });
  const startNote = element('p', { class: 'note', text: t('The model starts with your first question.') });
  const list = element('ul', { class: 'examples' });
  let shown = '';
  const showExamples = (workspace: WorkspaceView): void => {
    const examples = examplesFor(workspace);
    const wanted = examples.map(({ text }) => text).join('\n');
    // A button that is there already is left alone: it may have the focus.
    if (wanted === shown) return;
    shown = wanted;
    list.replaceChildren(...examples.map(example => exampleItem(example, onExample)));
  };
  return {
    element: element(
      'section',
      { class: 'welcome' },
      element('h2', { text: t('Ask about your code') }),
      element('p', { text: t('The model runs on this machine. Nothing you write leaves it.') }),
      list,
      keysNote,
      startNote,
      textNote,
      embeddedNote,
    ),
    update: ({ engine, workspace }) => {
      showExamples(workspace);
      startNote.hidden = engine.state !== 'stopped' && engine.state !== 'resting';
      textNote.hidden = !engine.textOnly;
      const embedded = embeddedModel.test(engine.modelName);
      embeddedNote.hidden = !embedded;
      setText(
        modelNote,
        embedded
          ? t(
              'The embedded model is very small: it shows how everything works, but its answers are often wrong. Get a larger one for real work.',
            )
          : '',
      );
    },
  };
}

/** About the files first, and only when there are any: one whose answer is known to be in them, then a broad one. */
function examplesFor({ name, sampleQuestion }: WorkspaceView): Example[] {
  const known = sampleQuestion === undefined ? [] : [sampleQuestion];
  const aboutProject = [...known, t('What does this project do, and where does it start?')];
  const general = [
    t('Write a TypeScript function that groups a list by a key'),
    t('Explain the difference between a mutex and a semaphore'),
  ];
  return [
    ...(name === undefined ? [] : aboutProject.map(text => ({ text, useWorkspace: true }))),
    ...general.map(text => ({ text, useWorkspace: false })),
  ].slice(0, examplesMax);
}

function exampleItem(example: Example, onExample: (example: Example) => void): HTMLElement {
  const { text } = example;
  return element(
    'li',
    {},
    button({ label: text, appearance: 'secondary', onClick: () => onExample(example) }),
  );
}
