// Which models that arrive the user must be told about: those that arrive while the model page cannot be seen.
import type { Disposable } from '../../dispose.ts';
import type { Arrival, ModelsPage } from './page.ts';

/** Calls `tell` for each of them until disposed. */
export function onUnseenArrival(
  page: Pick<ModelsPage, 'isOpen' | 'onDidArrive'>,
  panel: { readonly isShown: boolean },
  tell: (arrival: Arrival) => void,
): Disposable {
  return page.onDidArrive(arrival => {
    if (!page.isOpen || !panel.isShown) tell(arrival);
  });
}
