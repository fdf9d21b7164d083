// The panel in other languages: nothing is left in English, and the longer words fit.
import { describe, expect, test } from 'vitest';
import { ofThePage, shownTexts, textsIn, unmarked } from '../support/languages.ts';
import { testEachLook } from '../support/looks.ts';
import { overflowing } from '../support/overflow.ts';
import { openPanel } from '../support/page.ts';

describe.each(['de', 'ko'] as const)('the panel in %s', language => {
  test('says so to a screen reader, and writes numbers in its own way', async () => {
    const panel = await openPanel({ language });
    expect(await panel.page.evaluate(() => document.documentElement.lang)).toBe(language);
    await panel.close();
  });

  describe('without an English text that has a translation', () => {
    const { bundle } = textsIn(language);
    const isEnglish = (text: string): boolean => bundle[text] !== undefined && bundle[text] !== text;
    testEachLook({ language }, async (panel, name, state) => {
      await panel.screenshot(`${language}-${name}`);
      const shown = ofThePage(await shownTexts(panel.page), state);
      expect(shown.filter(isEnglish)).toEqual([]);
    });
  });

  describe('held in 200 pixels without sideways overflow', () =>
    testEachLook({ language, width: 200, height: 900 }, async (panel, name) => {
      await panel.screenshot(`${language}-width-200-${name}`);
      expect(await overflowing(panel)).toEqual([]);
    }));
});

describe('every word can be translated', () =>
  testEachLook({ language: 'marked' }, async (panel, _name, state) => {
    await panel.page.locator('details').evaluateAll(folds => {
      for (const fold of folds) fold.setAttribute('open', '');
    });
    expect(unmarked(await shownTexts(panel.page), state)).toEqual([]);
  }));
