// Template text -> what it consists of, by the template library. What the library's parser reads otherwise than Python's Jinja, or not
// at all, is written in other tokens before it reads them: tests (`is`) become filters of names that no template can spell.
import { parse, tokenize } from '@huggingface/jinja';
import { isComparison, type Binary, type Expression, type Program, type Token } from './syntax.ts';

/** A filter that does nothing: it keeps brackets apart from what stands behind them. */
export const groupFilter = ' group';
/** What stands behind the last comma of a tuple. */
export const tupleEnd = ' end';
/** A test as a filter. */
export const testPrefix = 'is ';
export const notTestPrefix = 'is not ';

/** Throws an Error for a text that is no template. */
export function parseTemplate(text: string): Program {
  const tokens = tokenize(text.replace(/\r\n?/g, '\n'), { lstrip_blocks: true, trim_blocks: true });
  const program = parse(rewritten(tokens) as typeof tokens) as unknown as Program;
  return bindTilde(program) as Program;
}

const name = (value: string): Token => ({ type: 'Identifier', value });
const pipe: Token = { type: 'Pipe', value: '|' };
const open: Token = { type: 'OpenParen', value: '(' };
const close: Token = { type: 'CloseParen', value: ')' };

const opening = ['OpenParen', 'OpenSquareBracket', 'OpenCurlyBracket'];
const closing = ['CloseParen', 'CloseSquareBracket', 'CloseCurlyBracket'];
const literals = ['StringLiteral', 'NumericLiteral'];
/** Words that no operand ends with, and none begins with but `not`. */
const keywords = ['and', 'or', 'not', 'in', 'is', 'if', 'else', 'elif', 'for', 'set'];

function rewritten(tokens: readonly Token[]): Token[] {
  const out: Token[] = [];
  /** For each bracket that is open: whether it is a pair around an expression, and no target of a for. */
  const brackets: boolean[] = [];
  /** Tokens behind which an argument of a test ends. */
  const argumentEnds = new Set<number>();
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i] as Token;
    const [before, after] = [tokens[i - 1], tokens[i + 1]];
    if (is(token, 'is') && endsOperand(before) && tokens[i - 2]?.type !== 'OpenStatement') {
      const negates = is(after, 'not');
      if (negates) i++;
      const test = tokens[++i];
      if (test?.type !== 'Identifier') throw new SyntaxError('Expected a name behind is');
      out.push(pipe, name((negates ? notTestPrefix : testPrefix) + test.value));
      const end = argumentEnd(tokens, i + 1);
      if (end !== undefined) {
        argumentEnds.add(end);
        out.push(open);
      }
      continue;
    }
    const number = token.type === 'NumericLiteral' ? unusualNumber(tokens, i) : undefined;
    if (number) {
      i += number.more;
      out.push(...number.tokens);
    } else out.push(token);
    if (opening.includes(token.type))
      brackets.push(token.type === 'OpenParen' && !endsOperand(before) && !is(before, 'for'));
    if (token.type === 'OpenParen' && brackets.at(-1) === true && after?.type === 'CloseParen')
      out.push(name(tupleEnd), { type: 'Comma', value: ',' }, name(tupleEnd));
    if (token.type === 'Comma' && brackets.at(-1) === true && after?.type === 'CloseParen')
      out.push(name(tupleEnd));
    if (closing.includes(token.type) && brackets.pop() === true && needsGroup(after, tokens[i + 2]))
      out.push(pipe, name(groupFilter));
    if (argumentEnds.has(i)) out.push(close);
  }
  return out;
}

const is = (token: Token | undefined, word: string) => token?.type === 'Identifier' && token.value === word;

function endsOperand(token: Token | undefined): boolean {
  if (token?.type === 'Identifier') return !keywords.includes(token.value);
  return token !== undefined && (closing.includes(token.type) || literals.includes(token.type));
}

/** Whether the parser would take brackets before this token for none. */
const needsGroup = (token: Token | undefined, next: Token | undefined) =>
  token?.type === 'ComparisonBinaryOperator' ||
  token?.value === '~' ||
  is(token, 'in') ||
  (is(token, 'not') && is(next, 'in'));

/** Where the argument of a test ends that has one without brackets: `is divisibleby 3`. */
function argumentEnd(tokens: readonly Token[], start: number): number | undefined {
  const first = tokens[start];
  const begins =
    first !== undefined &&
    ([...literals, 'OpenSquareBracket', 'OpenCurlyBracket'].includes(first.type) ||
      (first.type === 'Identifier' && !keywords.includes(first.value)));
  if (!begins) return undefined;
  let end = opening.includes(first.type) ? matching(tokens, start) : start;
  for (;;) {
    const type = tokens[end + 1]?.type;
    if (type === 'Dot') end += 2;
    else if (type === 'OpenParen' || type === 'OpenSquareBracket') end = matching(tokens, end + 1);
    else return end;
  }
}

function matching(tokens: readonly Token[], start: number): number {
  let depth = 0;
  for (let i = start; i < tokens.length; i++) {
    const { type } = tokens[i] as Token;
    depth += opening.includes(type) ? 1 : closing.includes(type) ? -1 : 0;
    if (depth === 0) return i;
  }
  throw new SyntaxError('a bracket is not closed');
}

/** A number that has an exponent, or digits that a double does not hold: as a text that becomes it. */
function unusualNumber(tokens: readonly Token[], at: number): { tokens: Token[]; more: number } | undefined {
  const { value } = tokens[at] as Token;
  const [, exponent, sign, digits] = tokens.slice(at, at + 4).map(token => token.value);
  const read = (text: string, filter: string) => [{ type: 'StringLiteral', value: text }, pipe, name(filter)];
  if (tokens[at + 1]?.type === 'Identifier' && exponent !== undefined && /^e\d*$/i.test(exponent)) {
    if (exponent.length > 1) return { tokens: read(value + exponent, 'float'), more: 1 };
    return { tokens: read(`${value}${exponent}${sign}${digits}`, 'float'), more: 3 };
  }
  if (value.includes('.') || Number.isSafeInteger(Number(value))) return undefined;
  return { tokens: read(value, 'int'), more: 0 };
}

/** `a + b ~ c` is `a + (b ~ c)`, which the library has the other way round. Goes through all nodes, the inner ones first. */
function bindTilde(node: unknown): unknown {
  if (typeof node !== 'object' || node === null) return node;
  if (Array.isArray(node)) {
    (node as unknown[]).forEach((child, i) => (node[i] = bindTilde(child)));
    return node;
  }
  if (node instanceof Map) {
    const entries = [...(node as Map<unknown, unknown>)].map(
      ([key, value]) => [bindTilde(key), bindTilde(value)] as const,
    );
    return new Map(entries);
  }
  const fields = node as Record<string, unknown>;
  for (const key of Object.keys(fields)) fields[key] = bindTilde(fields[key]);
  return fields.type === 'BinaryExpression' ? tighter(fields as unknown as Binary) : node;
}

function tighter(node: Binary): Binary {
  const { operator, left, right } = node;
  if (operator.value !== '~' || left.type !== 'BinaryExpression' || !['+', '-'].includes(left.operator.value))
    return node;
  return { ...left, right: tighter({ ...node, left: left.right, right }) };
}

/** `a < b < c` as its operands and operators; anything else is one operand. */
export function comparisonOf(node: Expression): {
  first: Expression;
  rest: { operator: string; operand: Expression }[];
} {
  if (node.type !== 'BinaryExpression' || !isComparison(node.operator.value))
    return { first: node, rest: [] };
  const { first, rest } = comparisonOf(node.left);
  return { first, rest: [...rest, { operator: node.operator.value, operand: node.right }] };
}
