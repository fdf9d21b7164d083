// Looks for what does not fit the width of the page.
import type { PanelPage } from './page.ts';

/** Elements that stick out of the page to the right, unless something around them scrolls. */
export async function overflowing(panel: PanelPage): Promise<string[]> {
  return panel.page.evaluate(() => {
    const scrolls = (node: Element | null): boolean =>
      node !== null &&
      (['auto', 'scroll'].includes(getComputedStyle(node).overflowX) || scrolls(node.parentElement));
    const wide = [...document.querySelectorAll('#app *')].filter(node => {
      const box = node.getBoundingClientRect();
      return box.width > 0 && box.right > window.innerWidth + 0.5 && !scrolls(node.parentElement);
    });
    const clipped = [...document.querySelectorAll('.scroller, .models, #app, body')].filter(
      node => node.scrollWidth > node.clientWidth,
    );
    return [...wide, ...clipped].map(node => `${node.tagName} ${node.className.toString()}`);
  });
}
