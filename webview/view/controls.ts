// The page's buttons, boxes and links. The only file that knows the control library, so that it can be replaced here.
import {
  type Badge,
  type Button,
  type Checkbox,
  type Link,
  provideVSCodeDesignSystem,
  type TextArea,
  type TextField,
  vsCodeBadge,
  vsCodeButton,
  vsCodeCheckbox,
  vsCodeDivider,
  vsCodeLink,
  vsCodeProgressRing,
  vsCodeTextArea,
  vsCodeTextField,
} from '@vscode/webview-ui-toolkit';
import { element } from './element.ts';
import { icon, type IconName } from './icons.ts';

/** Attribute that carries the name which the control inside the shadow tree is to have. */
const nameAttribute = 'data-name';
/** Where a control's inner element is reached; the library sets it when the control enters the document. */
interface Named extends HTMLElement {
  control?: HTMLElement;
}

/** Defines the custom elements; call once, before anything is made. */
export function registerControls(root: HTMLElement): void {
  provideVSCodeDesignSystem().register(
    vsCodeBadge(),
    vsCodeButton(),
    vsCodeCheckbox(),
    vsCodeDivider(),
    vsCodeLink(),
    vsCodeProgressRing(),
    vsCodeTextArea(),
    vsCodeTextField(),
  );
  nameInnerControls(root);
}

export interface ButtonOptions {
  /** Its name for screen readers, and its tooltip when only an icon is shown. */
  label: string;
  /** What it is called where several have the same label. */
  name?: string;
  /** What its tooltip says instead, such as its key. */
  hint?: string;
  appearance: 'primary' | 'secondary' | 'icon';
  icon?: IconName;
  onClick: () => void;
}

/** A button: the icon alone for appearance 'icon', otherwise the label with the icon before it. */
export function button(options: ButtonOptions): Button {
  const made = document.createElement('vscode-button') as Button;
  made.setAttribute('appearance', options.appearance);
  const picture = options.icon ? icon(options.icon) : undefined;
  if (options.appearance === 'icon') {
    renameButton(made, options.label);
    if (picture) made.append(picture);
  } else {
    picture?.setAttribute('slot', 'start');
    if (picture) made.append(picture);
    made.append(options.label);
    if (options.name !== undefined) renameButton(made, options.name);
  }
  if (options.hint !== undefined) made.title = options.hint;
  made.addEventListener('click', () => {
    if (!made.disabled) options.onClick();
  });
  return made;
}

/** Gives an icon button another picture and name. */
export function changeIconButton(target: Button, change: { label: string; icon: IconName }): void {
  target.replaceChildren(icon(change.icon));
  renameButton(target, change.label);
}

/** A box for several lines of text; it grows with its text by style. */
export function textArea(options: { label: string; placeholder: string }): TextArea {
  const made = document.createElement('vscode-text-area') as TextArea;
  made.setAttribute('placeholder', options.placeholder);
  made.setAttribute('resize', 'none');
  made.setAttribute(nameAttribute, options.label);
  return made;
}

/** A box for one line of text; Enter in it runs `onEnter`. */
export function textField(options: { label: string; placeholder: string; onEnter: () => void }): TextField {
  const made = document.createElement('vscode-text-field') as TextField;
  made.setAttribute('placeholder', options.placeholder);
  made.setAttribute('spellcheck', 'false');
  made.setAttribute(nameAttribute, options.label);
  made.addEventListener('keydown', (event: KeyboardEvent) => {
    if (event.key === 'Enter' && !event.isComposing) options.onEnter();
  });
  return made;
}

/** Sets the text of a box at once; the library alone would show it a frame later. */
export function setBoxText(box: TextArea, text: string): void {
  box.value = text;
  // Missing until the box is in the document, where the library then shows the value itself.
  const control = box.control as HTMLTextAreaElement | undefined;
  if (control) control.value = text;
}

/** A checkbox with its label beside it. */
export function checkbox(options: { label: string; onChange: (checked: boolean) => void }): Checkbox {
  const made = document.createElement('vscode-checkbox') as Checkbox;
  made.append(options.label);
  made.addEventListener('change', () => {
    // The library does this too, but a frame later; whoever asks in between would hear the old state.
    made.setAttribute('aria-checked', String(made.checked));
    options.onChange(made.checked);
  });
  return made;
}

/** A link that runs an action of ours and never leads anywhere by itself. */
export function actionLink(options: {
  text: string;
  title: string;
  class: string;
  onClick: () => void;
}): Link {
  const made = document.createElement('vscode-link') as Link;
  made.setAttribute('href', '#');
  made.className = options.class;
  made.title = options.title;
  made.append(options.text);
  made.addEventListener('click', event => {
    event.preventDefault();
    event.stopPropagation();
    options.onClick();
  });
  return made;
}

/** A turning ring. It is only for the eye: the text beside it says what is going on. */
export function progressRing(): HTMLElement {
  const ring = document.createElement('vscode-progress-ring');
  return element('span', { class: 'ring', attributes: { 'aria-hidden': 'true' } }, ring);
}

/** A short remark in a pill. */
export function badge(text: string): Badge {
  const made = document.createElement('vscode-badge') as Badge;
  made.append(text);
  return made;
}

/** A thin line between two parts. */
export function divider(): HTMLElement {
  return document.createElement('vscode-divider');
}

/** Gives a button another name, for where several have the same label. */
export function renameButton(target: Button, label: string): void {
  target.title = label;
  target.setAttribute(nameAttribute, label);
}

/** Says whether what a button unfolds is to be seen; call once the button is in the document. */
export function setExpanded(target: Button, expanded: boolean): void {
  // As with its name, the inner element is there a frame later.
  requestAnimationFrame(() => target.control?.setAttribute('aria-expanded', String(expanded)));
}

/**
 * The library puts aria-label on the outer element (its own words, when there is none) and copies it to the inner one:
 * a control would be found twice by name, once on an element without a role. Here the name is moved to the inner one.
 */
function nameInnerControls(root: HTMLElement): void {
  new MutationObserver(changes => {
    for (const change of changes) {
      if (change.type === 'attributes' && (change.target as Named).hasAttribute(nameAttribute))
        moveName(change.target as Named);
      for (const node of change.addedNodes) {
        if (!(node instanceof HTMLElement)) continue;
        if (node.hasAttribute(nameAttribute)) moveName(node);
        node.querySelectorAll<Named>(`[${nameAttribute}]`).forEach(moveName);
      }
    }
  }).observe(root, {
    childList: true,
    subtree: true,
    attributes: true,
    attributeFilter: [nameAttribute, 'aria-label'],
  });
}

function moveName(target: Named): void {
  target.removeAttribute('aria-label');
  // The library applies its own change of the inner element in the next frame; this one is queued behind it.
  requestAnimationFrame(() => {
    const label = target.getAttribute(nameAttribute);
    if (label) target.control?.setAttribute('aria-label', label);
  });
}
