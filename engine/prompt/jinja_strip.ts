// strip, lstrip and rstrip of chat templates as Python does them. The template library ignores their argument and trims
// all white space, which would eat the indentation an answer begins with: here each such call becomes a call of ours.

interface Node {
  type?: unknown;
  callee?: Node;
  object?: Node;
  property?: Node;
  computed?: unknown;
  value?: unknown;
  args?: unknown[];
}

const sides = { strip: [true, true], lstrip: [true, false], rstrip: [false, true] } as const;
type Method = keyof typeof sides;

/** No template can spell such a name. */
const nameOf = (method: string) => `str.${method}`;

/** What str.strip() removes without an argument: Unicode white space and the separators U+001C … U+001F. */
const space = /^[\t-\r\u001c-\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]$/u;

/** To be given to the template beside the messages. */
export const stripFunctions: Record<string, (text: unknown, characters?: unknown) => string> =
  Object.fromEntries(
    (Object.keys(sides) as Method[]).map(method => [
      nameOf(method),
      (text: unknown, characters?: unknown) => {
        // Ends the rendering; the caller names the template as the cause.
        if (typeof text !== 'string') throw new Error(`${method}() of something that is no text`);
        return strip(text, method, typeof characters === 'string' ? new Set(characters) : undefined);
      },
    ]),
  );

/** Changes a parsed template: `x.strip(y)` calls stripFunctions with x and y. */
export function redirectStrip(parsed: object): void {
  const call = parsed as Node;
  const { callee } = call;
  if (call.type === 'CallExpression' && callee?.type === 'MemberExpression' && callee.computed !== true) {
    const { object, property } = callee;
    if (object && typeof property?.value === 'string' && property.value in sides) {
      property.value = nameOf(property.value);
      call.callee = property;
      call.args = [object, ...(call.args ?? [])];
    }
  }
  for (const child of Object.values(parsed) as unknown[])
    for (const node of Array.isArray(child) ? (child as unknown[]) : [child])
      if (typeof node === 'object' && node !== null) redirectStrip(node);
}

function strip(text: string, method: Method, characters: ReadonlySet<string> | undefined): string {
  const goes = (character: string | undefined) =>
    character !== undefined && (characters ? characters.has(character) : space.test(character));
  const [left, right] = sides[method];
  let start = 0;
  let end = text.length;
  while (left && start < end && goes(text[start])) start++;
  while (right && end > start && goes(text[end - 1])) end--;
  return text.slice(start, end);
}
