// Hearth's keys have two parts: Ctrl+Alt+H, then another key. The editor hears both from the page, which takes neither away from it, but
// the second would also be typed into whatever has the focus.

/** As long as the editor waits for the second key. */
const waitMs = 5000;
const modifiers = new Set(['Control', 'Alt', 'Shift', 'Meta', 'AltGraph']);

/** Keeps second keys from being typed anywhere inside `root`. */
export function keepChordsUntyped(root: HTMLElement): void {
  let begunMs = -Infinity;
  root.addEventListener(
    'keydown',
    event => {
      if (modifiers.has(event.key)) return;
      const isSecond = event.timeStamp - begunMs < waitMs;
      const isFirst = !isSecond && event.ctrlKey && event.altKey && event.code === 'KeyH';
      begunMs = isFirst ? event.timeStamp : -Infinity;
      if (isSecond) event.preventDefault();
    },
    { capture: true },
  );
}
