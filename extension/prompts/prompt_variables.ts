// Variables in the text of a prompt file: `${selection}`, `${file}`, `${input:name:placeholder}` and their like. Pure.

/** A value that the user gives with the command. */
export interface InputField {
  name: string;
  placeholder?: string;
}
export interface GivenInputs {
  values: Map<string, string>;
  /** What was typed beside the values. */
  rest: string;
}

const pattern = /\$\{([A-Za-z]+)(?::([^}:]+)(?::([^}]*))?)?\}/g;

/** The inputs that a text asks for, each once, in their order. */
export function inputFields(text: string): InputField[] {
  const fields = new Map<string, InputField>();
  for (const [, kind, name, placeholder] of text.matchAll(pattern)) {
    if (kind !== 'input' || name === undefined) continue;
    const known = fields.get(name);
    if (!known?.placeholder) fields.set(name, { name, placeholder: placeholder || undefined });
  }
  return [...fields.values()];
}

/** Reads `name=value` and `name="a longer value"`. Without any of these, what was typed is the value of a sole input. */
export function readInputs(typed: string, fields: readonly InputField[]): GivenInputs {
  const values = new Map<string, string>();
  let rest = typed;
  for (const { name } of fields) {
    const assignment = new RegExp(
      `(^|\\s)${escape(name)}=(?:"((?:[^"\\\\]|\\\\.)*)"|'([^']*)'|(\\S*))(?=\\s|$)`,
    );
    const match = assignment.exec(rest);
    if (!match) continue;
    values.set(name, match[2]?.replace(/\\(.)/g, '$1') ?? match[3] ?? match[4] ?? '');
    rest = rest.slice(0, match.index) + rest.slice(match.index + match[0].length);
  }
  const [only, ...more] = fields;
  if (values.size === 0 && only && more.length === 0 && rest.trim() !== '')
    return { values: new Map([[only.name, rest.trim()]]), rest: '' };
  return { values, rest: rest.trim() };
}

/** Fills in what `valueOf` and the inputs know. A name that neither knows stays as it is: it may be code. */
export function fillVariables(
  text: string,
  valueOf: (name: string) => string | undefined,
  inputs: ReadonlyMap<string, string>,
): string {
  return text.replace(pattern, (whole, kind: string, name: string | undefined) => {
    if (kind === 'input' && name !== undefined) return inputs.get(name) ?? whole;
    return name === undefined ? (valueOf(kind) ?? whole) : whole;
  });
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
