// What comes with a question, in a row: above the input, where it can be changed, and below a question that was asked.
import { t } from '../l10n.ts';
import type { Attach, AttachmentKind, AttachmentView, DraftView, FromPanel } from '../protocol.ts';
import { attachmentChip } from './attachment_chip.ts';
import { element, renderOnDifference } from './element.ts';

export interface AttachedRow {
  element: HTMLElement;
  update: (draft: DraftView) => void;
  /** Puts the focus on the last one; false when there is none. */
  focusLast: () => boolean;
}

/** The row above the input. `leave` puts the focus back into it. */
export function attachedRow(options: { post: (message: FromPanel) => void; leave: () => void }): AttachedRow {
  const { post, leave } = options;
  const list = chipList(leave);
  const fill = renderOnDifference(({ attachments, editor }: DraftView) => {
    const act = (action: 'open' | 'remove' | 'toText', attachmentId: string) => (): void =>
      post({ type: 'attached', action, attachmentId });
    const chips = attachments.map(view =>
      attachmentChip(view, {
        open: act('open', view.id),
        remove: act('remove', view.id),
        toText: view.kind === 'paste' ? act('toText', view.id) : undefined,
      }),
    );
    const first =
      editor &&
      attachmentChip(editor, {
        implicit: true,
        open: act('open', editor.id),
        remove: act('remove', editor.id),
      });
    list.fill([...(first ? [first] : []), ...chips]);
  });
  return { element: list.element, update: fill, focusLast: list.focusLast };
}

export interface AttachedToTurn {
  element: HTMLElement;
  update: (attachments: AttachmentView[] | undefined) => void;
  /** While the question is edited, what is attached to it can be removed. */
  edit: (on: boolean) => void;
  /** Attaches something besides, while the question is edited. */
  add: (what: Attach, label: string) => void;
  /** What is left attached, and what has been added. */
  ids: () => string[];
  added: () => Attach[];
}

/** The row below a question. `leave` puts the focus into the form that edits it. */
export function attachedToTurn(leave: () => void): AttachedToTurn {
  const list = chipList(leave);
  let all: AttachmentView[] = [];
  let added: { what: Attach; view: AttachmentView }[] = [];
  let removed = new Set<string>();
  let editing = false;
  function show(): void {
    const left = [...all, ...added.map(({ view }) => view)].filter(({ id }) => !removed.has(id));
    const remove = (id: string) => (): void => {
      removed.add(id);
      show();
    };
    list.fill(left.map(view => attachmentChip(view, { remove: editing ? remove(view.id) : undefined })));
  }
  const update = renderOnDifference((attachments: AttachmentView[] = []) => {
    all = attachments;
    show();
  });
  return {
    element: list.element,
    update,
    edit: on => {
      editing = on;
      removed = new Set();
      added = [];
      show();
    },
    add: (what, label) => {
      const view = { id: `added ${added.length}`, kind: kindOf(what), label };
      const isSame = (one: { what: Attach }): boolean => JSON.stringify(one.what) === JSON.stringify(what);
      if (added.some(one => isSame(one) && !removed.has(one.view.id))) return;
      // What came with the question is read anew. Pastes are called alike.
      for (const { id, kind, label: name } of what.kind === 'paste' ? [] : all)
        if (kind === view.kind && name === label) removed.add(id);
      added = [...added, { what, view }];
      show();
    },
    ids: () => all.map(({ id }) => id).filter(id => !removed.has(id)),
    added: () => added.filter(({ view }) => !removed.has(view.id)).map(({ what }) => what),
  };
}

/** Boxes with arrows to go from one to the next; when the one with the focus goes, its neighbour has it. */
function chipList(leave: () => void): {
  element: HTMLElement;
  fill: (chips: HTMLElement[]) => void;
  focusLast: () => boolean;
} {
  const list = element('div', { class: 'chips', attributes: { role: 'group', 'aria-label': t('Attached') } });
  list.hidden = true;
  const mains = (): HTMLElement[] => [...list.querySelectorAll<HTMLElement>('.chip-main')];
  const focusedIndex = (): number =>
    [...list.children].findIndex(chip => chip.contains(document.activeElement));
  list.addEventListener('keydown', event => {
    const step = event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : 0;
    if (step !== 0) mains()[focusedIndex() + step]?.focus();
    else if (event.key === 'Escape' || event.key === 'ArrowDown') leave();
    else return;
    event.preventDefault();
  });
  return {
    element: list,
    fill: chips => {
      const focused = focusedIndex();
      list.replaceChildren(...chips);
      list.hidden = chips.length === 0;
      if (focused < 0) return;
      const next = mains()[Math.min(focused, chips.length - 1)];
      if (next) next.focus();
      else leave();
    },
    focusLast: () => {
      const last = mains().at(-1);
      last?.focus();
      return last !== undefined;
    },
  };
}

/** How it is shown before it was read. */
function kindOf(what: Attach): AttachmentKind {
  if (what.kind === 'content') return what.mimeType.startsWith('image/') ? 'picture' : 'file';
  return what.kind === 'places' ? 'file' : what.kind;
}
