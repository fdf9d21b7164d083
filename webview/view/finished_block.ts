// What is done to a block of an answer once it is finished and can no longer change: each step gets the element of the block, as it
// stands in the page or is about to, and may add to it.

export type BlockStep = (root: HTMLElement) => void;

const steps: BlockStep[] = [];

/** From now on `step` is done to every block that is finished. */
export function addBlockStep(step: BlockStep): void {
  steps.push(step);
}

/** Does all steps to a finished block. */
export function finishBlock(root: HTMLElement): void {
  for (const step of steps) step(root);
}
