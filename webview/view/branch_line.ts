// Which of several branches is shown at one place of the conversation, with the way to the others.
import { t } from '../l10n.ts';
import type { BranchView, FromPanel } from '../protocol.ts';
import { button, renameButton } from './controls.ts';
import { element, renderOnDifference, setText } from './element.ts';
import { count } from './format.ts';

/** Makes the line; hidden where there is one branch only. */
export function branchLine(post: (message: FromPanel) => void): {
  element: HTMLElement;
  /** Branches are not switched while an answer runs. */
  update: (branch: BranchView | undefined, isBusy: boolean) => void;
} {
  let branch: BranchView | undefined;
  /** The turn so many branches further on. */
  const idAt = (step: number): string | undefined => branch?.ids[branch.index + step];
  const switchBy = (step: number): void => {
    const turnId = idAt(step);
    if (turnId !== undefined) post({ type: 'switchBranch', turnId });
  };
  const previous = button({
    label: t('Previous branch'),
    appearance: 'icon',
    icon: 'previous',
    onClick: () => switchBy(-1),
  });
  const next = button({
    label: t('Next branch'),
    appearance: 'icon',
    icon: 'next',
    onClick: () => switchBy(1),
  });
  const name = button({
    label: t('Name this branch'),
    appearance: 'icon',
    icon: 'edit',
    onClick: () => {
      const turnId = idAt(0);
      if (turnId !== undefined) post({ type: 'nameBranch', turnId });
    },
  });
  const compare = button({
    label: t('Compare with the other branch'),
    appearance: 'icon',
    icon: 'compare',
    onClick: () => {
      const turnId = idAt(-1) ?? idAt(1);
      if (turnId !== undefined) post({ type: 'compareBranch', turnId });
    },
  });
  const place = element('span', { class: 'branch-place' });
  const line = element(
    'div',
    { class: 'branch', attributes: { 'data-testid': 'branch', role: 'group', 'aria-label': t('Branches') } },
    previous,
    place,
    next,
    name,
    compare,
  );
  line.hidden = true;
  const update = renderOnDifference(({ view, isBusy }: { view: BranchView | undefined; isBusy: boolean }) => {
    branch = view;
    line.hidden = !view;
    if (!view) return;
    const { ids, index } = view;
    const [nth, all] = [count(index + 1), count(ids.length)];
    setText(place, view.name ? t('{0} of {1}: {2}', nth, all, view.name) : t('{0} of {1}', nth, all));
    previous.disabled = isBusy || index === 0;
    next.disabled = isBusy || index === ids.length - 1;
    const reason = t('Branches can be switched when the answer has ended');
    renameButton(previous, isBusy ? reason : t('Previous branch'));
    renameButton(next, isBusy ? reason : t('Next branch'));
  });
  return { element: line, update: (view, isBusy) => update({ view, isBusy }) };
}
