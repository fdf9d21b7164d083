// Runs a parsed template as Python's Jinja does: its values, scopes, and what it refuses. The template library has an interpreter,
// too, but with JavaScript's values: 1.0 is 1 there, none prints as nothing, and what a loop sets lives on in its next turn.
import { attributeOf, subscriptOf } from './attributes.ts';
import { runFilter } from './filters.ts';
import { globals } from './globals.ts';
import { combine, concatenated, isSo, negated, sliceOf } from './operators.ts';
import { comparisonOf, groupFilter, notTestPrefix, testPrefix, tupleEnd } from './parse.ts';
import { Scope } from './scope.ts';
import {
  isComparison,
  type Argument,
  type Binary,
  type CallStatement,
  type Expression,
  type Filter,
  type For,
  type Macro,
  type Parameter,
  type Program,
  type Statement,
} from './syntax.ts';
import { runTest } from './tests.ts';
import { textOf } from './text.ts';
import {
  Callable,
  Dict,
  isText,
  isTrue,
  iterate,
  lengthOf,
  listOf,
  Loop,
  Namespace,
  orElse,
  plain,
  TemplateError,
  Tuple,
  typeOf,
  Undefined,
  type Call,
  type Meter,
  type Value,
} from './values.ts';

const constants: ReadonlyMap<string, Value> = new Map([
  ['true', true],
  ['True', true],
  ['false', false],
  ['False', false],
  ['none', null],
  ['None', null],
]);

/** What a macro may have without naming it as a parameter. */
const extras = ['caller', 'kwargs', 'varargs'] as const;
type Extra = (typeof extras)[number];

/** How a block ended before its end. */
type Jump = 'Break' | 'Continue' | undefined;

/** Throws a TemplateError where Python fails, a LimitError when the meter has run out. */
export function runTemplate(program: Program, variables: Dict, meter: Meter): string {
  const context = new Scope();
  for (const [name, value] of globals) context.set(name, value);
  for (const [name, value] of variables.entries()) context.set(textOf(name, meter), value);
  return new Interpreter(meter).text(program.body, new Scope(context));
}

class Interpreter {
  readonly #extras = new WeakMap<object, ReadonlySet<Extra>>();

  constructor(private readonly meter: Meter) {}

  /** What a block prints. */
  text(body: readonly Statement[], scope: Scope): string {
    const out: string[] = [];
    this.#run(body, scope, out);
    const text = out.join('');
    this.meter.spend(text.length);
    return text;
  }

  #run(body: readonly Statement[], scope: Scope, out: string[]): Jump {
    for (const statement of body) {
      const jump = this.#step(statement, scope, out);
      if (jump) return jump;
    }
    return undefined;
  }

  #step(node: Statement, scope: Scope, out: string[]): Jump {
    this.meter.spend(1);
    switch (node.type) {
      case 'Comment':
        return undefined;
      case 'Break':
      case 'Continue':
        return node.type;
      case 'If':
        return this.#run(isTrue(this.#value(node.test, scope)) ? node.body : node.alternate, scope, out);
      case 'For':
        this.#loop(node, scope, out);
        return undefined;
      case 'Set': {
        const isFiltered = node.value === null && node.assignee.type === 'FilterExpression';
        const target = isFiltered ? filteredTarget(node.assignee) : node.assignee;
        let value = node.value ? this.#value(node.value, scope) : this.text(node.body, new Scope(scope));
        if (isFiltered) value = this.#filtered(node.assignee, target, value, scope);
        this.#assign(target, value, scope);
        return undefined;
      }
      case 'Macro':
        scope.set(node.name.value, this.#macro(node, scope));
        return undefined;
      case 'CallStatement':
        out.push(textOf(this.#callBlock(node, scope), this.meter));
        return undefined;
      case 'FilterStatement':
        out.push(
          textOf(this.#filter(node.filter, this.text(node.body, new Scope(scope)), scope), this.meter),
        );
        return undefined;
      default:
        out.push(textOf(this.#value(node, scope), this.meter));
        return undefined;
    }
  }

  #value(node: Expression, scope: Scope): Value {
    this.meter.spend(1);
    switch (node.type) {
      case 'StringLiteral':
      case 'FloatLiteral':
        return node.value;
      case 'IntegerLiteral':
        return BigInt(node.value);
      case 'ArrayLiteral':
        return node.value.map(item => this.#value(item, scope));
      case 'TupleLiteral':
        return new Tuple(
          node.value
            .filter(item => !(item.type === 'Identifier' && item.value === tupleEnd))
            .map(item => this.#value(item, scope)),
        );
      case 'ObjectLiteral':
        return new Dict(
          [...node.value].map(([key, item]) => [this.#value(key, scope), this.#value(item, scope)] as const),
        );
      case 'Identifier':
        return constants.has(node.value) ? (constants.get(node.value) as Value) : scope.get(node.value);
      case 'CallExpression':
        return this.#paid(this.#call(this.#value(node.callee, scope), this.#arguments(node.args, scope)));
      case 'MemberExpression':
        return this.#member(node, scope);
      case 'UnaryExpression': {
        const value = this.#value(node.argument, scope);
        return node.operator.value === 'not' ? !isTrue(value) : negated(node.operator.value, value);
      }
      case 'BinaryExpression':
        return this.#binary(node, scope);
      case 'FilterExpression':
        return this.#paid(this.#filter(node.filter, this.#value(node.operand, scope), scope));
      case 'Ternary':
        return this.#value(
          isTrue(this.#value(node.condition, scope)) ? node.trueExpr : node.falseExpr,
          scope,
        );
      case 'SelectExpression':
        if (isTrue(this.#value(node.test, scope))) return this.#value(node.lhs, scope);
        return new Undefined('the inline if-expression evaluated to false and no else section was defined.');
      default:
        throw new TemplateError(`${String((node as { type: unknown }).type)} is out of place`);
    }
  }

  /** What was made is paid for by its length. */
  #paid(value: Value): Value {
    if (typeof value === 'string' || Array.isArray(value)) this.meter.spend(value.length);
    else if (isText(value)) this.meter.spend(plain(value).length);
    return value;
  }

  #member(node: Expression & { type: 'MemberExpression' }, scope: Scope): Value {
    const { property, computed } = node;
    const object = this.#value(node.object, scope);
    if (property.type === 'SliceExpression') {
      const bounds = [property.start, property.stop, property.step];
      return this.#paid(
        sliceOf(
          object,
          bounds.map(bound => bound && this.#value(bound, scope)),
          this.meter,
        ),
      );
    }
    if (!computed && property.type === 'Identifier') return attributeOf(object, property.value);
    return subscriptOf(object, this.#value(property, scope));
  }

  #binary(node: Binary, scope: Scope): Value {
    const operator = node.operator.value;
    if (isComparison(operator)) return this.#comparison(node, scope);
    const left = this.#value(node.left, scope);
    if (operator === 'and') return isTrue(left) ? this.#value(node.right, scope) : left;
    if (operator === 'or') return isTrue(left) ? left : this.#value(node.right, scope);
    const right = this.#value(node.right, scope);
    if (operator === '~') return this.#paid(concatenated(left, right, this.meter));
    return this.#paid(combine(operator, left, right, this.meter));
  }

  #comparison(node: Binary, scope: Scope): boolean {
    const { first, rest } = comparisonOf(node);
    let left = this.#value(first, scope);
    for (const { operator, operand } of rest) {
      const right = this.#value(operand, scope);
      if (!isSo(operator, left, right, this.meter)) return false;
      left = right;
    }
    return true;
  }

  #filter(filter: Filter, value: Value, scope: Scope): Value {
    const [name, args] = filter.type === 'Identifier' ? [filter, []] : [filter.callee, filter.args];
    if (name.type !== 'Identifier') throw new TemplateError('a filter must be a name');
    if (name.value === groupFilter) return value;
    const call = this.#arguments(args, scope);
    if (name.value.startsWith(notTestPrefix))
      return !runTest(name.value.slice(notTestPrefix.length), value, call);
    if (name.value.startsWith(testPrefix)) return runTest(name.value.slice(testPrefix.length), value, call);
    return runFilter(name.value, value, call);
  }

  /** The filters of `{% set name | filter %}` on its block. */
  #filtered(node: Expression, target: Expression, value: Value, scope: Scope): Value {
    if (node === target || node.type !== 'FilterExpression') return value;
    return this.#filter(node.filter, this.#filtered(node.operand, target, value, scope), scope);
  }

  #arguments(nodes: readonly Argument[], scope: Scope): Call {
    const args: Value[] = [];
    const named = new Map<string, Value>();
    for (const node of nodes) {
      if (node.type === 'KeywordArgumentExpression')
        named.set(node.key.value, this.#value(node.value, scope));
      else if (node.type === 'SpreadExpression')
        args.push(...listOf(this.#value(node.argument, scope), this.meter));
      else if (node.type === 'KeywordSpreadExpression') {
        const dict = this.#value(node.argument, scope);
        if (!(dict instanceof Dict))
          throw new TemplateError(`argument after ** must be a mapping, not ${typeOf(dict)}`);
        for (const [key, value] of dict.entries()) named.set(textOf(key, this.meter), value);
      } else args.push(this.#value(node, scope));
    }
    return { meter: this.meter, args, named };
  }

  #call(callee: Value, call: Call): Value {
    if (callee instanceof Undefined) callee.fail();
    if (!(callee instanceof Callable)) throw new TemplateError(`'${typeOf(callee)}' object is not callable`);
    return callee.call(call);
  }

  #assign(target: Expression, value: Value, scope: Scope): void {
    if (target.type === 'Identifier') {
      if (constants.has(target.value)) throw new TemplateError(`can't assign to '${target.value}'`);
      if (target.value !== tupleEnd) scope.set(target.value, value);
    } else if (target.type === 'TupleLiteral') {
      const targets = target.value.filter(one => !(one.type === 'Identifier' && one.value === tupleEnd));
      const items = listOf(value, this.meter);
      if (items.length < targets.length)
        throw new TemplateError(
          `not enough values to unpack (expected ${targets.length}, got ${items.length})`,
        );
      if (items.length > targets.length)
        throw new TemplateError(`too many values to unpack (expected ${targets.length})`);
      targets.forEach((one, i) => this.#assign(one, items[i] as Value, scope));
    } else if (
      target.type === 'MemberExpression' &&
      target.property.type === 'Identifier' &&
      !target.computed
    ) {
      const object = this.#value(target.object, scope);
      if (!(object instanceof Namespace))
        throw new TemplateError('cannot assign attribute on non-namespace object');
      object.fields.set(target.property.value, value);
    } else throw new TemplateError(`can't assign to a ${target.type}`);
  }

  #loop(node: For, scope: Scope, out: string[]): void {
    const { iterable, loopvar } = node;
    const [source, test] =
      iterable.type === 'SelectExpression' ? [iterable.lhs, iterable.test] : [iterable, undefined];
    const value = this.#value(source, scope);
    const items = iterate(value);
    const chosen = test ? this.#chosen(items, loopvar, test, scope) : items;
    const loop = new Loop(chosen[Symbol.iterator](), 0, test ? undefined : lengthOf(value));
    let isEmpty = true;
    while (loop.next()) {
      const turn = new Scope(scope);
      turn.set('loop', loop);
      this.#assign(loopvar, loop.current as Value, turn);
      const jump = this.#run(node.body, turn, out);
      if (jump === 'Break') break;
      // A turn that was left early counts for nothing, as in Python's Jinja.
      if (!jump) isEmpty = false;
    }
    if (isEmpty) this.#run(node.defaultBlock, new Scope(scope), out);
  }

  *#chosen(items: Iterable<Value>, loopvar: Expression, test: Expression, scope: Scope): Iterable<Value> {
    for (const item of items) {
      const inner = new Scope(scope);
      this.#assign(loopvar, item, inner);
      if (isTrue(this.#value(test, inner))) yield item;
    }
  }

  #macro(node: Macro, scope: Scope): Callable {
    const { value: name } = node.name;
    const attributes = new Map<string, () => Value>([
      ['name', () => name],
      ['arguments', () => new Tuple(node.args.map(parameterName))],
      ['caller', () => this.#extrasOf(node).has('caller')],
      ['catch_kwargs', () => this.#extrasOf(node).has('kwargs')],
      ['catch_varargs', () => this.#extrasOf(node).has('varargs')],
    ]);
    const run = (call: Call) => this.#callMacro(`'${name}'`, node, node.args, call, scope);
    return new Callable(name, run, 'Macro', attributes);
  }

  #callBlock(node: CallStatement, scope: Scope): Value {
    const caller = new Callable(
      'caller',
      call => this.#callMacro('None', node, node.callerArgs ?? [], call, scope),
      'Macro',
    );
    const { callee, args } = node.call;
    const call = this.#arguments(args, scope);
    return this.#call(this.#value(callee, scope), {
      ...call,
      named: new Map(call.named).set('caller', caller),
    });
  }

  /** The macro sees the names of where it stands, not of where it is called. */
  #callMacro(
    name: string,
    node: Macro | CallStatement,
    parameters: readonly Parameter[],
    { args, named }: Call,
    outer: Scope,
  ): string {
    const scope = new Scope(outer);
    const left = new Map(named);
    const has = this.#extrasOf(node);
    const defaults: Parameter[] = [];
    parameters.forEach((parameter, i) => {
      const key = parameterName(parameter);
      const value = args[i] === undefined ? left.get(key) : args[i];
      if (args[i] !== undefined && left.has(key))
        throw new TemplateError(`macro ${name} got multiple values for argument '${key}'`);
      left.delete(key);
      if (value === undefined && parameter.type !== 'Identifier') defaults.push(parameter);
      scope.set(
        key,
        orElse(value, () => new Undefined(`parameter '${key}' was not provided`)),
      );
    });
    if (has.has('caller')) {
      scope.set(
        'caller',
        orElse(left.get('caller'), () => new Undefined('No caller defined')),
      );
      left.delete('caller');
    }
    if (has.has('kwargs')) scope.set('kwargs', new Dict(left));
    else if (left.size > 0)
      throw new TemplateError(`macro ${name} takes no keyword argument '${[...left.keys()][0]}'`);
    if (has.has('varargs')) scope.set('varargs', new Tuple(args.slice(parameters.length)));
    else if (args.length > parameters.length)
      throw new TemplateError(`macro ${name} takes not more than ${parameters.length} argument(s)`);
    for (const parameter of defaults)
      if (parameter.type === 'KeywordArgumentExpression')
        scope.set(parameter.key.value, this.#value(parameter.value, scope));
    return this.text(node.body, scope);
  }

  #extrasOf(node: Macro | CallStatement): ReadonlySet<Extra> {
    let found = this.#extras.get(node);
    if (!found) this.#extras.set(node, (found = extrasIn(node)));
    return found;
  }
}

const parameterName = (parameter: Parameter) =>
  parameter.type === 'Identifier' ? parameter.value : parameter.key.value;

/** What a set block with filters is for. */
function filteredTarget(node: Expression): Expression {
  return node.type === 'FilterExpression' ? filteredTarget(node.operand) : node;
}

/** Which of the extras a macro names, and no parameter of it is called. */
function extrasIn(node: Macro | CallStatement): ReadonlySet<Extra> {
  const parameters = (node.type === 'Macro' ? node.args : (node.callerArgs ?? [])).map(parameterName);
  const names = new Set<unknown>();
  const visit = (one: unknown): void => {
    if (typeof one !== 'object' || one === null) return;
    if ((one as Statement).type === 'Identifier') names.add((one as { value: unknown }).value);
    else for (const child of one instanceof Map ? [...one].flat() : Object.values(one)) visit(child);
  };
  visit(node.body);
  return new Set(extras.filter(extra => names.has(extra) && !parameters.includes(extra)));
}
