// The place of one turn in the conversation: a light element as high as the turn, which holds the turn itself only near the screen.
// Elsewhere it has the turn's text, unseen, where the browser's own search finds it.
import { t } from '../l10n.ts';
import type { FromPanel, KernelsView, Turn } from '../protocol.ts';
import { isRunning } from '../store.ts';
import { element } from './element.ts';
import { workSoon } from './slices.ts';
import { turnView, type TurnView } from './turn.ts';
import { estimateHeight } from './turn_height.ts';

/** Characters of a turn out of sight that a screen reader gets, to know what is there. */
const excerptCharsMax = 120;
/** Turns with longer texts grow for some frames before they are as high as they will be. */
const slowCharsMin = 4_000;

export class Slot {
  readonly element = element('div', { class: 'slot' });
  #turn: Turn;
  #kernels: KernelsView | undefined;
  #isBusy = false;
  #view: TurnView | undefined;
  /** The height when it was last drawn. */
  #height: number | undefined;
  /** The user has opened or folded something in it. */
  #isTouched = false;

  constructor(
    turn: Turn,
    private readonly options: { width: number; post: (message: FromPanel) => void },
  ) {
    this.#turn = turn;
    this.element.dataset['slot'] = turn.id;
    this.#showNothing();
  }

  get turn(): Turn {
    return this.#turn;
  }

  get isBuilt(): boolean {
    return this.#view !== undefined;
  }

  /** What the user is doing something with, or what grows, stays. */
  get mustStay(): boolean {
    const { role } = this.#turn;
    if (this.#isTouched || (role === 'assistant' && isRunning(this.#turn))) return true;
    const selection = getSelection();
    const isSelectedFrom = (node: Node | null | undefined): boolean =>
      selection?.isCollapsed === false && this.element.contains(node ?? null);
    return (
      this.element.contains(document.activeElement) ||
      this.element.querySelector('.text-form:not([hidden])') !== null ||
      isSelectedFrom(selection?.anchorNode) ||
      isSelectedFrom(selection?.focusNode)
    );
  }

  /** Shows another state of the turn; `kernels` are those that its answer waits for, `isBusy` says that some answer runs. */
  update(turn: Turn, kernels: KernelsView | undefined, isBusy: boolean): void {
    const isSame = turn === this.#turn && kernels === this.#kernels && isBusy === this.#isBusy;
    if (isSame) return;
    this.#isBusy = isBusy;
    const isNew = turn !== this.#turn;
    const isOther = turn.role !== this.#turn.role;
    this.#turn = turn;
    this.#kernels = kernels;
    if (isOther && this.#view) this.takeDown(undefined);
    else if (this.#view) this.#view.update(turn, kernels, isBusy);
    else if (isNew) this.#showNothing();
  }

  /** Makes the turn, if it is not there. */
  build(): void {
    if (this.#view) return;
    const view = turnView(this.#turn, this.options.post);
    this.#view = view;
    const { element: place } = this;
    // A long text comes in slices; until it is there the place stays as high as it was.
    const isSlow = this.#turn.text.length > slowCharsMin;
    place.style.minHeight = isSlow ? place.style.height : '';
    place.style.height = '';
    place.removeAttribute('role');
    place.removeAttribute('aria-label');
    place.replaceChildren(view.element);
    view.update(this.#turn, this.#kernels, this.#isBusy);
    if (!isSlow) return;
    workSoon(() => {
      place.style.minHeight = '';
      return false;
    });
  }

  /** Takes the turn away and leaves its place; `height` is how high it is now. */
  takeDown(height: number | undefined): void {
    this.#view = undefined;
    this.#height = height;
    this.element.style.minHeight = '';
    this.#showNothing();
  }

  /** From now on what the user has opened stays open. */
  touch(): void {
    this.#isTouched = true;
  }

  #showNothing(): void {
    this.element.style.height = `${this.#height ?? estimateHeight(this.#turn, this.options.width)}px`;
    this.element.setAttribute('role', 'article');
    this.element.setAttribute('aria-label', nameOf(this.#turn));
    const text = element('div', { text: this.#turn.text, attributes: { hidden: 'until-found' } });
    this.element.replaceChildren(text);
  }
}

/** What a screen reader gets of a turn that is not drawn. */
function nameOf({ role, text }: Turn): string {
  const excerpt = text.slice(0, excerptCharsMax);
  if (role === 'user') return t('You: {0}', excerpt);
  return role === 'summary' ? t('Summary: {0}', excerpt) : t('Hearth: {0}', excerpt);
}
