// Texts in the source: what t() and phrase`…` are called with, by the compiler's syntax trees. Pure.
import ts from 'typescript';

/** @typedef {{ path: string, text: string }} SourceText */

/** A syntax tree with parents. */
export function treeOf({ path, text }) {
  return ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
}

/** "path:line" of a node. */
export function placeOf(node) {
  const file = node.getSourceFile();
  return `${file.fileName}:${file.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
}

/** Calls `look` for every node below `node`. */
export function walk(node, look) {
  ts.forEachChild(node, child => {
    look(child);
    walk(child, look);
  });
}

/** The texts that one file asks translations for, each with its place, and what is wrong with how it asks. */
export function textsOf(source) {
  const texts = [];
  const faults = [];
  if (source.path.endsWith('/l10n.ts')) return { texts, faults };
  walk(treeOf(source), node => {
    if (isTranslation(node)) {
      const [text, ...values] = node.arguments;
      if (text === undefined || !ts.isStringLiteralLike(text))
        return void faults.push(
          `${placeOf(node)}: t() takes its text as a literal, or no translation is found`,
        );
      texts.push({ text: text.text, place: placeOf(node) });
      if (!isInFunction(node))
        faults.push(`${placeOf(node)}: t() runs before the language is known; call it in a function`);
      if (placeholdersOf(text.text).length !== values.length && !values.some(ts.isSpreadElement))
        faults.push(`${placeOf(node)}: ${values.length} values for the places in "${text.text}"`);
    } else if (isPhrase(node)) texts.push({ text: textOfTemplate(node.template), place: placeOf(node) });
  });
  return { texts, faults };
}

export function isTranslation(node) {
  return ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === 't';
}

export function isPhrase(node) {
  return ts.isTaggedTemplateExpression(node) && ts.isIdentifier(node.tag) && node.tag.text === 'phrase';
}

/** `{0}`, `{1}` … of a text, each once, in order. */
export function placeholdersOf(text) {
  return [...new Set(text.match(/\{\d+\}/g))].sort();
}

/** A template literal with its expressions numbered. */
function textOfTemplate(template) {
  if (ts.isNoSubstitutionTemplateLiteral(template)) return template.text;
  return template.templateSpans.reduce(
    (text, span, index) => `${text}{${index}}${span.literal.text}`,
    template.head.text,
  );
}

function isInFunction(node) {
  for (let at = node.parent; at; at = at.parent) if (ts.isFunctionLike(at)) return true;
  return false;
}
