// Finds texts that users see and that ask for no translation: literals with words, other than those that only programs read. Pure.
import ts from 'typescript';
import { isPhrase, isTranslation, placeOf, treeOf, walk } from './sources.mjs';

/** Properties, and parameters of the editor, whose text is shown even when it is one word. */
const shown =
  /^(text|label|title|placeholder|placeHolder|prompt|detail|description|message|tooltip|openLabel|saveLabel|remedy|explanation|why|notice|agree|heading|textContent|ariaLabel|aria-(label|description|roledescription))$/;
/** Properties whose text only programs read. */
const hidden =
  /^(class|className|id|for|role|href|rel|type|command|style|kind|name|when|selector|aria-(live|controls|labelledby|describedby))$/;
/** Calls whose arguments only developers or programs read. */
const silent =
  /(^|\.)(log|debug|info|warn|error|RegExp|querySelector(All)?|matches|closest|setContext|executeCommand|registerCommand|getConfiguration|startsWith|endsWith|includes|assert|Error|TypeError|RangeError|addEventListener|createHash|add|remove|toggle|has|get|split|join|replace(All)?|fromWire)$/;
/** Several words, one with a mark at its end, one beside a value or a number, or one that begins like a label. */
const words =
  /\p{L}{2,}[,.:;!?…]? \(?\p{L}{2,}|\p{L}{3,}[.…!?]$|\p{L}{3,}:? \{\}|(?:\{\}|\d) \p{L}{3,}|^(?:: )?\p{Lu}\p{Ll}{2,}(?:\{\})*$|^: \p{L}{3,}/u;
const word = /\p{L}{2,}/u;

/** Literals of a file that look as if a user reads them. */
export function unwrappedIn(source) {
  const found = [];
  walk(treeOf(source), node => {
    if (!ts.isStringLiteralLike(node) && !ts.isTemplateExpression(node)) return;
    if (ts.isTaggedTemplateExpression(node.parent) && isPhrase(node.parent)) return;
    const text = literalText(node);
    const role = roleOf(node);
    const said = withoutMarkup(text)
      .replace(/\$\([\w~-]+\)|\bHearth\b/g, '')
      .trim();
    if (role === 'silent' || !(role === 'shown' ? word : words).test(said)) return;
    found.push({ text, place: placeOf(node) });
  });
  return found;
}

/** Of markup, what is shown or read out. */
function withoutMarkup(text) {
  return text.replace(/<\/?\w[^>]*>/g, tag => /(?:aria-label|title)="([^"]*)"/.exec(tag)?.[1] ?? '');
}

function literalText(node) {
  return ts.isTemplateExpression(node)
    ? [node.head.text, ...node.templateSpans.map(span => span.literal.text)].join('{}')
    : node.text;
}

/** Whether a literal is surely shown, surely silent, or either. */
function roleOf(node) {
  for (let [at, child] = [node.parent, node]; at && !ts.isSourceFile(at); [child, at] = [at, at.parent]) {
    if (isTranslation(at)) return at.arguments[0] === child ? 'silent' : 'open';
    if (
      ts.isImportDeclaration(at) ||
      ts.isExportDeclaration(at) ||
      ts.isTypeNode(at) ||
      ts.isElementAccessExpression(at)
    )
      return 'silent';
    if (ts.isPropertyAssignment(at) && at.name !== child) {
      const name = at.name.getText().replace(/^'|'$/g, '');
      return hidden.test(name) ? 'silent' : shown.test(name) ? 'shown' : 'open';
    }
    if (ts.isPropertyAssignment(at)) return 'silent';
    if (ts.isBinaryExpression(at) && isComparison(at.operatorToken.kind)) return 'silent';
    if (ts.isBinaryExpression(at) && at.operatorToken.kind === ts.SyntaxKind.EqualsToken)
      return ts.isPropertyAccessExpression(at.left) && shown.test(at.left.name.text) ? 'shown' : 'open';
    if (ts.isCaseClause(at) && at.expression === child) return 'silent';
    if (ts.isCallExpression(at) || ts.isNewExpression(at)) return roleOfArgument(at, child);
    if (ts.isArrowFunction(at) || ts.isFunctionLike(at)) return 'open';
  }
  return 'open';
}

function roleOfArgument(call, argument) {
  const name = call.expression.getText();
  if (silent.test(name)) return 'silent';
  if (/show(Information|Warning|Error)Message$|setStatusBarMessage$/.test(name)) return 'shown';
  const [first] = call.arguments;
  if (/setAttribute$/.test(name) && first && ts.isStringLiteralLike(first))
    return first !== argument && shown.test(first.text) ? 'shown' : 'silent';
  return 'open';
}

function isComparison(kind) {
  return [
    ts.SyntaxKind.EqualsEqualsEqualsToken,
    ts.SyntaxKind.ExclamationEqualsEqualsToken,
    ts.SyntaxKind.InKeyword,
  ].includes(kind);
}
