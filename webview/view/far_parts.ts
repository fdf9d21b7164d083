// A finished part of a long answer keeps its height far from the screen, and the browser passes over what is in it: so a long answer that
// grows costs no more than a short one. Such a part is still found by the browser's search, selected and read out.

/** As far as this a part is laid out. */
const nearPx = 1_500;

// The option for margins of scrollers inside the page is younger than the types.
const options: IntersectionObserverInit & { scrollMargin: string } = { scrollMargin: `${nearPx}px` };
const observer = new IntersectionObserver(entries => {
  for (const { target, isIntersecting, boundingClientRect } of entries) {
    if (!(target instanceof HTMLElement)) continue;
    // Without a height, the conversation is hidden behind another page.
    const isFar = !isIntersecting && boundingClientRect.height > 0;
    if (isFar) target.style.setProperty('contain-intrinsic-block-size', `${boundingClientRect.height}px`);
    target.classList.toggle('far', isFar);
  }
}, options);

let width = innerWidth;
window.addEventListener('resize', () => {
  if (innerWidth === width) return;
  width = innerWidth;
  // Heights are others now.
  for (const part of document.querySelectorAll('.far')) {
    part.classList.remove('far');
    observer.unobserve(part);
    observer.observe(part);
  }
});

/** From now on `part` costs little while it is far from the screen. */
export function spareWhenFar(part: HTMLElement): void {
  observer.observe(part);
}
