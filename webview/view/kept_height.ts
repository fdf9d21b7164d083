// Keeps an element that grows from becoming shorter for a moment, e.g. when a text turns out to be a link with a long address.

export interface KeptHeight {
  /** From now on the element is as high as what is in it. */
  release: () => void;
}

/** Keeps the height of `target` until it is released; another width begins anew. */
export function keepHeight(target: HTMLElement): KeptHeight {
  let kept = { width: 0, height: 0 };
  const observer = new ResizeObserver(([entry]) => {
    if (!entry) return;
    const { height } = entry.contentRect;
    // Of the page: a scroll bar that comes or goes is no other width.
    const width = innerWidth;
    if (width !== kept.width) {
      kept = { width, height: 0 };
      target.style.minHeight = '';
    }
    // Heard of before it is seen.
    if (height < kept.height) target.style.minHeight = `${kept.height}px`;
    kept.height = Math.max(height, kept.height);
  });
  observer.observe(target);
  return {
    release: () => {
      observer.disconnect();
      target.style.minHeight = '';
    },
  };
}
