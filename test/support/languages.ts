// Translations for page tests: those of the product, and one in which every text that can be translated stands in brackets.
import { readFileSync } from 'node:fs';
import type { Texts } from '../../extension/l10n.ts';
import type { Page } from 'playwright-core';

/** Shorter strings stand in many a word. */
const wordCharsMin = 3;

export type Language = 'en' | 'de' | 'ko' | 'marked';

/** The texts that a page of this language comes with. */
export function textsIn(language: Language): Texts {
  if (language === 'en') return { language, bundle: {} };
  if (language !== 'marked') return { language, bundle: bundleOf(language) };
  const marked = Object.keys(bundleOf('de')).map(text => [text, `⟦${text}⟧`]);
  return { language: 'en', bundle: Object.fromEntries(marked) as Record<string, string> };
}

function bundleOf(language: string): Record<string, string> {
  const path = new URL(`../../extension/l10n/bundle.l10n.${language}.json`, import.meta.url);
  return JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>;
}

/** All texts of the page that people see or hear: contents, names, tooltips and placeholders, also those of controls. */
export async function shownTexts(page: Page): Promise<string[]> {
  const texts = await page.evaluate(() => {
    const found: string[] = [];
    const visit = (node: Node): void => {
      if (node instanceof Text) found.push(node.data);
      // A name is shown in pieces, by what of it matches.
      if (node instanceof Element && node.matches('.suggest-label')) return void found.push(node.textContent);
      if (node instanceof Element) {
        // The ring of the library calls itself "Loading", which nobody hears: it stands in a hidden element.
        if (['SCRIPT', 'STYLE', 'TITLE', 'VSCODE-PROGRESS-RING'].includes(node.tagName)) return;
        for (const name of ['title', 'placeholder', 'aria-label', 'data-name'])
          found.push(node.getAttribute(name) ?? '');
        node.shadowRoot?.childNodes.forEach(visit);
      }
      node.childNodes.forEach(visit);
    };
    visit(document.body);
    return found;
  });
  return [...new Set(texts.map(text => text.trim()).filter(Boolean))];
}

/** Strings of the host that are shown in pieces: Markdown, and texts of several lines. */
function inPieces(sent: unknown): string[] {
  return stringsIn(sent).filter(text => text.length >= wordCharsMin && /[`\n]/.test(text));
}

/** Of texts that are shown: those that the host did not send, nor a text of which each is a piece, such as a word of code. */
export function ofThePage(shown: readonly string[], sent: unknown): string[] {
  const [whole, texts] = [new Set(stringsIn(sent)), inPieces(sent)];
  return shown.filter(
    text => !whole.has(text) && !(text.length >= wordCharsMin && texts.some(one => one.includes(text))),
  );
}

/** Of texts shown in the language `marked`: those with words that are neither in brackets nor part of what the host sent. */
export function unmarked(shown: readonly string[], sent: unknown): string[] {
  const data = stringsIn(sent)
    .filter(({ length }) => length >= wordCharsMin)
    .sort((a, b) => b.length - a.length);
  const written = inPieces(sent);
  return shown.filter(text => {
    let rest = text;
    for (let before = ''; before !== rest;) {
      before = rest;
      rest = rest.replace(/⟦[^⟦⟧]*⟧/g, '');
    }
    // Nothing but names: of Hearth, of what is attached with "@", of files and folders, and addresses.
    if (
      /^(?:Hearth|https?:\S+|@[\w-]+|[\w/-]*[\w-]+\.[a-z]+(?::\d+(?:-\d+)?)?|[\w/-]+\/|[\s,:])*$/.test(rest)
    )
      return false;
    for (const known of data) rest = rest.replaceAll(known, '');
    if (written.some(known => known.includes(rest.trim()))) return false;
    return /\p{L}/u.test(rest.replace(/\b(GB|MB|kB|YaRN|SHA-256)\b(\/s)?/g, ''));
  });
}

/** All strings in a message of the host. */
function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return value === '' ? [] : [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsIn) : [];
}
