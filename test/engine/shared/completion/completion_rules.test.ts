import { describe, expect, test } from 'vitest';
import {
  forbiddingRule,
  isOnlyClosing,
  wantsBlock,
  type Situation,
} from '../../../../engine/shared/completion/completion_rules.ts';
import { at } from '../../../support/cursor.ts';

const situation = (more: Partial<Situation> = {}): Situation => ({
  explicit: false,
  enabled: true,
  languageEnabled: true,
  secretFile: false,
  cursorCount: 1,
  context: at('const a = |'),
  ...more,
});

describe('whether to ask', () => {
  test('yes in an ordinary place', () => {
    expect(forbiddingRule(situation())).toBeUndefined();
  });

  test.each<[string, Partial<Situation>]>([
    ['secret-file', { secretFile: true }],
    ['disabled', { enabled: false }],
    ['language-disabled', { languageEnabled: false }],
    ['several-cursors', { cursorCount: 2 }],
    ['mid-line', { context: at('a | b') }],
    ['empty-document', { context: at('\n|\n') }],
  ])('no, by the rule %s', (name, more) => {
    expect(forbiddingRule(situation(more))?.name).toBe(name);
  });

  test.each<Partial<Situation>>([
    { enabled: false },
    { languageEnabled: false },
    { cursorCount: 2 },
    { context: at('a | b') },
    { context: at('|') },
  ])('yes when asked by hand, against what only holds while typing', more => {
    expect(forbiddingRule(situation({ ...more, explicit: true }))).toBeUndefined();
  });

  test('never in a secret file, not even by hand', () => {
    expect(forbiddingRule(situation({ secretFile: true, explicit: true }))?.name).toBe('secret-file');
  });

  test('closers, closing tags, quotes and punctuation right of the cursor do not count as code', () => {
    expect(
      ['', ')', '"', "');", '})', ') {', '],', '  ', ':', '`;', '</li>', ' />', '</b></p>;'].map(
        isOnlyClosing,
      ),
    ).not.toContain(false);
    expect(
      ['x', ' + 1', '(a', '= 2', ') + b', '<li>', '</li>x', '/ 2', '< b'].map(isOnlyClosing),
    ).not.toContain(true);
  });
});

describe('one line or a block', () => {
  const auto = (text: string, more: { explicit?: boolean; afterAccept?: boolean } = {}): boolean =>
    wantsBlock('auto', { context: at(text), explicit: false, afterAccept: false, ...more });

  test('a block at the start of an empty block', () => {
    expect(auto('function f() {\n  |\n}\n')).toBe(true);
    expect(auto('def f():\n    |')).toBe(true);
    expect(auto('if x then\n\t|\nend')).toBe(true);
  });

  test('one line in a block that has a body, in running text, and within a line', () => {
    expect(auto('function f() {\n  |\n  return 1;\n}')).toBe(false);
    expect(auto('const a = 1;\n|\nconst b = 2;')).toBe(false);
    expect(auto('function f() {\n  let a = |')).toBe(false);
  });

  test('a block when asked by hand or after an accept, unless code follows on the line', () => {
    expect(auto('let a = |', { explicit: true })).toBe(true);
    expect(auto('let a = |', { afterAccept: true })).toBe(true);
    expect(auto('let a = |)', { explicit: true })).toBe(false);
  });

  test('the setting has the last word', () => {
    const place = { context: at('a = |'), explicit: false, afterAccept: false };
    expect(wantsBlock('always', place)).toBe(true);
    expect(wantsBlock('never', { ...place, explicit: true })).toBe(false);
  });
});
