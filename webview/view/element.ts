// Makes plain elements. Text always enters as text, never as markup.

export interface ElementOptions {
  class?: string;
  text?: string;
  attributes?: Record<string, string>;
}

/** A new element with its class, text, attributes and children. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  options: ElementOptions = {},
  ...children: Node[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  if (options.class) made.className = options.class;
  if (options.text !== undefined) made.textContent = options.text;
  for (const [name, value] of Object.entries(options.attributes ?? {})) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** Sets text only when it differs, so that a selection in it is kept. */
export function setText(target: Element, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}

/** An element that fills itself anew only when the value it shows is another one. */
export function renderOnChange<Value>(render: (value: Value) => void): (value: Value) => void {
  return renderUnlessSame(render, (one, other) => one === other);
}

/** The same for plain data that arrives anew each time: only a difference in what it says counts. */
export function renderOnDifference<Value>(render: (value: Value) => void): (value: Value) => void {
  return renderUnlessSame(render, (one, other) => JSON.stringify(one) === JSON.stringify(other));
}

function renderUnlessSame<Value>(
  render: (value: Value) => void,
  isSame: (one: Value, other: Value) => boolean,
): (value: Value) => void {
  let shown: { value: Value } | undefined;
  return value => {
    if (shown && isSame(shown.value, value)) return;
    shown = { value };
    render(value);
  };
}
