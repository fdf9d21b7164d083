// Puts off what is dear to make for an element until it comes near the screen.

/** A screen or so: nobody who scrolls or tabs sees it being made. */
const nearPx = 1_000;

const waiting = new WeakMap<Element, () => void>();
// The option for margins of scrollers inside the page is younger than the types.
const options: IntersectionObserverInit & { scrollMargin: string } = { scrollMargin: `${nearPx}px` };
const observer = new IntersectionObserver(entries => {
  for (const { target, isIntersecting } of entries) {
    if (!isIntersecting) continue;
    observer.unobserve(target);
    waiting.get(target)?.();
    waiting.delete(target);
  }
}, options);

/** Calls `make` once, as soon as `target` is in the page and near the screen. */
export function whenNear(target: Element, make: () => void): void {
  waiting.set(target, make);
  observer.observe(target);
}
