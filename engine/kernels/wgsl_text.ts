// WGSL has no modules: a text that is wanted twice in one program gets names and bindings of its own.

const declared =
  /^(?:fn|const|struct|alias)\s+(\w+)|^(?:@group\(0\)\s*@binding\(\d+\)\s*)?var(?:<[^>]*>)?\s+(\w+)/gm;
const binding = /@binding\((\d+)\)/g;

/** The text with `suffix` behind each name that it declares at its top level, and its bindings moved on by `bindings`. */
export function renamed(text: string, suffix: string, bindings: number): string {
  const names = [...text.matchAll(declared)].map(([, a, b]) => (a ?? b) as string);
  const anyOfThem = new RegExp(`\\b(?:${names.join('|')})\\b`, 'g');
  return movedBindings(
    text.replace(anyOfThem, name => name + suffix),
    bindings,
  );
}

/** The text with its bindings moved on by `bindings`. */
export function movedBindings(text: string, bindings: number): string {
  return text.replace(binding, (_, at: string) => `@binding(${Number(at) + bindings})`);
}
