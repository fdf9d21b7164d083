// What the model thought before its answer: one quiet line with time and length, which opens to the whole thought. It is plain
// text and is only drawn while it is open, so that a long thought costs nothing.
import { t } from '../l10n.ts';
import type { ThoughtView } from '../protocol.ts';
import { progressRing } from './controls.ts';
import { element, setText } from './element.ts';
import { thoughtLabel } from './format.ts';

const tickMs = 1000;

/** Makes the line; hidden while there is no thought. */
export function thoughtLine(): {
  element: HTMLElement;
  update: (thought: ThoughtView | undefined, running: boolean) => void;
  /** Shows the whole thought in its full height, where the same words were shown as the answer. */
  open: () => void;
} {
  const label = element('span', { class: 'thought-label' });
  const ring = progressRing();
  const text = element('div', {
    class: 'thought-text',
    attributes: { tabindex: '0', role: 'group', 'aria-label': t('What the model thought') },
  });
  const box = element(
    'details',
    { class: 'thought', attributes: { 'data-testid': 'thought' } },
    element('summary', {}, label, ring),
    text,
  );
  box.hidden = true;
  let shown: ThoughtView | undefined;
  let running = false;
  let timer: number | undefined;

  function draw(): void {
    if (!shown) return;
    // A page that was closed meanwhile does not count on.
    if (running && !box.isConnected) stop();
    setText(label, thoughtLabel(shown, running ? Date.now() : undefined));
    if (!box.open) return;
    const atEnd = text.scrollHeight - text.scrollTop - text.clientHeight < 24;
    append(text, shown.text);
    if (atEnd) text.scrollTop = text.scrollHeight;
  }
  function open(): void {
    box.open = true;
    box.classList.add('whole');
    draw();
  }
  function stop(): void {
    clearInterval(timer);
    timer = undefined;
  }
  box.addEventListener('toggle', () => {
    if (!box.open) box.classList.remove('whole');
    draw();
  });

  return {
    element: box,
    open,
    update: (thought, isRunning) => {
      if (thought === shown && isRunning === running) return;
      shown = thought;
      running = isRunning;
      box.hidden = !thought;
      ring.hidden = !running;
      if (!running) stop();
      else timer ??= setInterval(draw, tickMs);
      draw();
    },
  };
}

/** Adds what is new at the end, so that a selection in the text above is kept. */
function append(target: HTMLElement, all: string): void {
  const { firstChild } = target;
  if (firstChild instanceof Text && all.startsWith(firstChild.data))
    firstChild.appendData(all.slice(firstChild.data.length));
  else target.textContent = all;
}
