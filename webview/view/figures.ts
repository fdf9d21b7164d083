// The figures behind the header: model and device, context, workspace. They open over the conversation, and close with Escape or a
// press elsewhere.
import { t } from '../l10n.ts';
import type { EngineView, PanelState } from '../protocol.ts';
import { contextSentences } from './context_ring.ts';
import { element, renderOnDifference } from './element.ts';
import { count, engineLabel, workspaceLabel } from './format.ts';
import { leftOutList } from './sources.ts';

export interface FiguresView {
  element: HTMLElement;
  update: (state: Shown) => void;
}
type Shown = Pick<PanelState, 'engine' | 'meter' | 'workspace'>;

/** Makes the popover, which opens below `anchor`. */
export function figuresView(id: string, anchor: HTMLElement): FiguresView {
  const box = element('div', {
    class: 'figures',
    attributes: { id, popover: 'auto', role: 'group', 'aria-label': t('Figures'), tabindex: '-1' },
  });
  box.addEventListener('toggle', event => {
    if (event.newState !== 'open') return;
    box.style.top = `${anchor.getBoundingClientRect().bottom}px`;
    box.focus();
  });
  const update = renderOnDifference((state: Shown) =>
    box.replaceChildren(
      ...sentences(state).map(text => element('p', { text })),
      ...compilingLine(state.engine),
      workspaceLine(state),
    ),
  );
  return { element: box, update: ({ engine, meter, workspace }) => update({ engine, meter, workspace }) };
}

/** All of it in lines, for the hover. */
export function figuresText(state: Shown): string {
  const { engine, workspace } = state;
  const compiling = compilingText(engine);
  return [
    ...sentences(state),
    ...(compiling === undefined ? [] : [compiling]),
    workspaceLabel(workspace),
  ].join('\n');
}

function sentences({ engine, meter }: Shown): string[] {
  return [
    ...modelLines(engine),
    ...(engine.state === 'ready' && engine.software ? [t('It runs on the CPU, which is slow.')] : []),
    ...contextSentences(meter),
  ];
}

/** Which model it is, where it runs, and what it does. */
export function modelLines(engine: EngineView): string[] {
  const { modelName, textOnly, deviceName } = engine;
  const model = textOnly ? t('{0} (text only)', modelName) : modelName;
  const place = deviceName ? t('{0} on {1}', model, deviceName) : model;
  return [place, engineLabel(engine)].filter(line => line !== '');
}

function compilingText({ state, kernels }: EngineView): string | undefined {
  if (state !== 'ready' || !kernels) return undefined;
  return t(
    'Preparing the GPU in the background, only the first time: {0} of {1}',
    count(kernels.done),
    count(kernels.total),
  );
}

function compilingLine(engine: EngineView): HTMLElement[] {
  const text = compilingText(engine);
  if (text === undefined) return [];
  return [element('p', { text, attributes: { 'data-testid': 'compiling' } })];
}

function workspaceLine({ workspace }: Shown): HTMLElement {
  const label = workspaceLabel(workspace);
  const leftOut = leftOutList(workspace, label);
  return element(
    'div',
    { attributes: { 'data-testid': 'workspace', 'data-state': workspace.state } },
    leftOut ?? element('span', { text: label }),
  );
}
