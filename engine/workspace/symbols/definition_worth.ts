// Which of several definitions of a name is meant: plain sources before tests, what other files see before what they do not. Pure.
import type { SymbolName } from './passages.ts';

/** What tests, examples and generated files are worth beside others, unless the question is about them. */
export const asideShare = 0.7;

const aside =
  /(?:^|\/)(?:tests?|__tests__|__mocks__|specs?|fixtures?|mocks?|examples?|samples?|bench(?:marks?)?|vendor|third_party|generated)\/|[._-](?:test|spec|bench|mock|generated|min)\.|_test\.|\.d\.ts$/i;

/** A test, an example, a generated file or the like. */
export function isAsideFile(path: string): boolean {
  return aside.test(path);
}

/** From 0 to 560; a definition of the name in another case is worth less than any of the name itself. */
export function definitionWorth(symbol: SymbolName, name: string): number {
  return (
    (symbol.name === name ? 400 : 0) +
    (symbol.kind === 'section' ? 0 : 100) +
    (symbol.isMember || symbol.kind === 'variable' ? 0 : 40) +
    (symbol.exported ? 20 : 0)
  );
}
