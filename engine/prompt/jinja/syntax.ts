// What a parsed template consists of, as the template library has it.

export type Expression =
  | { type: 'IntegerLiteral' | 'FloatLiteral'; value: number }
  | { type: 'StringLiteral'; value: string }
  | { type: 'ArrayLiteral' | 'TupleLiteral'; value: Expression[] }
  | { type: 'ObjectLiteral'; value: Map<Expression, Expression> }
  | Name
  | CallExpression
  | { type: 'MemberExpression'; object: Expression; property: Expression | Slice; computed: boolean }
  | { type: 'UnaryExpression'; operator: Token; argument: Expression }
  | Binary
  | { type: 'FilterExpression'; operand: Expression; filter: Filter }
  | SelectExpression
  | { type: 'Ternary'; condition: Expression; trueExpr: Expression; falseExpr: Expression };

export interface Name {
  type: 'Identifier';
  value: string;
}
export interface CallExpression {
  type: 'CallExpression';
  callee: Expression;
  args: Argument[];
}
export type Argument =
  | Expression
  | Keyword
  | { type: 'SpreadExpression'; argument: Expression }
  | { type: 'KeywordSpreadExpression'; argument: Expression };
export interface Keyword {
  type: 'KeywordArgumentExpression';
  key: Name;
  value: Expression;
}
export interface Slice {
  type: 'SliceExpression';
  start?: Expression;
  stop?: Expression;
  step?: Expression;
}
export interface Binary {
  type: 'BinaryExpression';
  operator: Token;
  left: Expression;
  right: Expression;
}
/** The items of a for that pass a test; elsewhere a choice without an else. */
export interface SelectExpression {
  type: 'SelectExpression';
  lhs: Expression;
  test: Expression;
}
export type Filter = Name | CallExpression;
export type Parameter = Name | Keyword;

export type Statement =
  | Expression
  | { type: 'Set'; assignee: Expression; value: Expression | null; body: Statement[] }
  | { type: 'If'; test: Expression; body: Statement[]; alternate: Statement[] }
  | For
  | Macro
  | CallStatement
  | { type: 'FilterStatement'; filter: Filter; body: Statement[] }
  | { type: 'Break' | 'Continue' | 'Comment' };

export interface For {
  type: 'For';
  loopvar: Expression;
  iterable: Expression;
  body: Statement[];
  defaultBlock: Statement[];
}
export interface Macro {
  type: 'Macro';
  name: Name;
  args: Parameter[];
  body: Statement[];
}
export interface CallStatement {
  type: 'CallStatement';
  call: CallExpression;
  callerArgs: Parameter[] | null;
  body: Statement[];
}
export interface Program {
  type: 'Program';
  body: Statement[];
}
export interface Token {
  type: string;
  value: string;
}

export const isComparison = (operator: string): boolean =>
  ['==', '!=', '<', '<=', '>', '>=', 'in', 'not in'].includes(operator);
