// How a chat template lets its model think, found by rendering a short conversation with each setting of its switches.
import type { ThinkingFacts } from '../protocol/lifecycle.ts';

/** What a template may be told of thinking; it asks whether a switch is defined. */
export interface ThinkingOptions {
  think?: boolean | undefined;
  effort?: string | undefined;
}

/** A conversation rendered with these settings; undefined where the template refuses. */
export type RenderWith = (options: ThinkingOptions) => { text: string; thoughtBegun: boolean } | undefined;

/** Efforts that models have names for, least first. */
const usualEfforts = ['minimal', 'low', 'medium', 'high', 'xhigh', 'max'];
/** A template that takes a name nobody has given it takes any: then these, which every such model knows. */
const madeUpEffort = 'hearth-any';
const effortsOfAny = ['low', 'medium', 'high'];

/** The variables that options become; a template that does not name one has no such switch. */
export const thinkingVariables = { think: 'enable_thinking', effort: 'reasoning_effort' } as const;

/** Renders as seldom as the template's text allows. */
export function thinkingFacts(template: string, render: RenderWith): ThinkingFacts {
  const has = (option: keyof typeof thinkingVariables) => template.includes(thinkingVariables[option]);
  const unset = render({});
  if (!unset) return { mode: 'never', byDefault: false, efforts: [] };
  const [on, off] = has('think') ? [render({ think: true }), render({ think: false })] : [];
  const isChoice = on !== undefined && off !== undefined && on.text !== off.text;
  const byDefault = isChoice ? unset.text === on.text : unset.thoughtBegun;
  const efforts = has('effort')
    ? effortsOf(template, effort => render({ think: isChoice ? true : undefined, effort }))
    : new Map<string, string>();
  const defaultEffort = efforts.get((isChoice ? on : unset).text);
  return {
    mode: isChoice ? 'choice' : unset.thoughtBegun ? 'always' : 'never',
    byDefault,
    efforts: [...efforts.values()],
    ...(defaultEffort !== undefined && { defaultEffort }),
  };
}

/** Names by what the template makes of them: of two that it makes the same of, the last. Empty when that is all of them. */
function effortsOf(
  template: string,
  render: (effort: string) => { text: string } | undefined,
): Map<string, string> {
  const takesAny = render(madeUpEffort)?.text.includes(madeUpEffort) ?? false;
  const names = takesAny
    ? effortsOfAny
    : usualEfforts.filter(name => [`'${name}'`, `"${name}"`].some(quoted => template.includes(quoted)));
  const found = new Map<string, string>();
  for (const name of names) {
    const said = render(name);
    if (said) found.set(said.text, name);
  }
  return found.size > 1 ? found : new Map();
}
