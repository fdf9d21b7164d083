// The only door through which markup enters the page. What a model writes is never trusted.
import createPurify from 'dompurify';

const purify = createPurify(window);

const allowed = {
  ALLOWED_TAGS: [
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
  ],
  ALLOWED_ATTR: ['aria-label', 'class', 'data-info', 'href', 'role', 'start', 'tabindex'],
  ALLOW_ARIA_ATTR: false,
  ALLOW_DATA_ATTR: false,
  // Every other attribute's value must be an allowed address.
  ADD_URI_SAFE_ATTR: ['aria-label', 'data-info', 'start', 'tabindex'],
  ALLOWED_URI_REGEXP: /^https?:\/\//i,
};

/** Checked nodes of a piece of markup; anything outside the allowed list is dropped. */
export function safeMarkup(markup: string): DocumentFragment {
  return purify.sanitize(markup, { ...allowed, RETURN_DOM_FRAGMENT: true });
}
