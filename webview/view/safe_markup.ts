// The only door through which markup enters the page. What a model writes is never trusted.
import createPurify from 'dompurify';
import { showControls } from './control_characters.ts';

const purify = createPurify(window);

/** What formula.ts makes. Nothing else of MathML, and no links, pictures or colours in it. */
const mathTags = [
  'math',
  'menclose',
  'mfrac',
  'mi',
  'mn',
  'mo',
  'mover',
  'mpadded',
  'mphantom',
  'mroot',
  'mrow',
  'mspace',
  'msqrt',
  'mstyle',
  'msub',
  'msubsup',
  'msup',
  'mtable',
  'mtd',
  'mtext',
  'mtr',
  'munder',
  'munderover',
];
const mathAttributes = [
  'accent',
  'accentunder',
  'columnalign',
  'columnspacing',
  'depth',
  'display',
  'displaystyle',
  'fence',
  'height',
  'largeop',
  'linethickness',
  'lspace',
  'mathsize',
  'mathvariant',
  'maxsize',
  'minsize',
  'notation',
  'rowspacing',
  'rspace',
  'scriptlevel',
  'separator',
  'stretchy',
  'voffset',
  'width',
];
const textTags = [
  'a',
  'blockquote',
  'br',
  'code',
  'del',
  'div',
  'em',
  'h3',
  'h4',
  'h5',
  'h6',
  'hr',
  'input',
  'label',
  'li',
  'ol',
  'p',
  'pre',
  's',
  'span',
  'strong',
  'table',
  'tbody',
  'td',
  'th',
  'thead',
  'tr',
  'ul',
];
/** Attributes whose values are no addresses. Any other must be one that leads to the web. */
const plainAttributes = [
  'aria-label',
  'checked',
  'data-info',
  'disabled',
  'start',
  'tabindex',
  'title',
  'type',
];

const allowed = {
  ALLOWED_TAGS: [...textTags, ...mathTags],
  ALLOWED_ATTR: ['class', 'href', 'role', ...plainAttributes, ...mathAttributes],
  ALLOW_ARIA_ATTR: false,
  ALLOW_DATA_ATTR: false,
  ADD_URI_SAFE_ATTR: [...plainAttributes, ...mathAttributes],
  ALLOWED_URI_REGEXP: /^https?:\/\//i,
};

// The one field of a form that is made here is the box of a task, which nobody can change.
purify.addHook('uponSanitizeElement', node => {
  if (node instanceof HTMLInputElement && !(node.type === 'checkbox' && node.disabled)) node.remove();
});

/** Checked nodes of a piece of markup; anything outside the allowed list is dropped. */
export function safeMarkup(markup: string): DocumentFragment {
  const nodes = purify.sanitize(markup, { ...allowed, RETURN_DOM_FRAGMENT: true });
  showControls(nodes);
  return nodes;
}
