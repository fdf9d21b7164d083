// What the page says when it cannot show a message from the extension: that is a fault of Hearth, not of the user. It says what
// helps, and gives the text to report.
import { t } from '../l10n.ts';
import { element } from './element.ts';
import { failureBox } from './failure.ts';

export interface PageFault {
  element: HTMLElement;
  /** `what` is what the page could not do, e.g. "draw the page". */
  show: (what: string, error: unknown) => void;
}

/** Makes the place for faults, empty until there is one. */
export function pageFault(): PageFault {
  const box = element('div', { class: 'page-fault', attributes: { role: 'alert' } });
  let shown: string | undefined;
  return {
    element: box,
    show: (what, error) => {
      const details = `Could not ${what}: ${String(error)}`;
      // The same fault may come again with each piece of an answer; it is announced once.
      if (details === shown) return;
      shown = details;
      const failure = failureBox(
        {
          message: t('This page could not show a message from Hearth. What you see may be incomplete.'),
          remedy: t(
            'Run "Developer: Reload Window" from the Command Palette. If this happens again, report it together with the text below.',
          ),
          actions: [],
        },
        () => undefined,
      );
      failure.append(element('pre', { class: 'page-fault-details', text: details }));
      box.replaceChildren(failure);
    },
  };
}
