// Characters that change how the text around them looks, or that say something to a terminal, made visible by their names: nobody
// can hide with them what code or a link really says. What is copied keeps them.
import { element } from './element.ts';

/** Controls but line ends and tabs, and marks that turn the direction of the text after them. */
const hidden = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

/** Puts a visible name in place of each such character in the text of `root`. */
export function showControls(root: Node): void {
  if (!hidden.test(root.textContent ?? '')) return;
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const texts: Text[] = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) texts.push(node as Text);
  for (const text of texts) if (hidden.test(text.data)) text.replaceWith(...visible(text.data));
}

/** A text as nodes, with such characters by their names. */
export function visible(text: string): Node[] {
  if (!hidden.test(text)) return [new Text(text)];
  return text.split(new RegExp(`(${hidden.source})`)).flatMap((part, index): Node[] => {
    if (part === '') return [];
    return index % 2 === 0 ? [new Text(part)] : [element('span', { class: 'control', text: nameOf(part) })];
  });
}

function nameOf(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return `U+${code}`;
}
