// That every text can be said in every language, and that the check of it finds what it must.
import { describe, expect, test } from 'vitest';
import { l10nFaults } from '../../scripts/l10n.mjs';
import { bundleFaults, manifestFaults } from '../../scripts/l10n/bundles.mjs';
import { textsOf } from '../../scripts/l10n/sources.mjs';
import { unwrappedIn } from '../../scripts/l10n/unwrapped.mjs';

test('every text of Hearth is there in every language', () => {
  expect(l10nFaults()).toEqual([]);
});

describe('texts in the source', () => {
  const read = (text: string) => textsOf({ path: 'a.ts', text });

  test('are what t() and phrase`…` are called with, the values numbered', () => {
    const { texts, faults } = read(
      "const a = () => t('Read {0}', name);\nthrow bad(phrase`${path} ends at ${1 + 2}`);",
    );
    expect(texts).toEqual([
      { text: 'Read {0}', place: 'a.ts:1' },
      { text: '{0} ends at {1}', place: 'a.ts:2' },
    ]);
    expect(faults).toEqual([]);
  });

  test.each([
    ['const a = () => t(text);', 'takes its text as a literal'],
    ['const a = () => t(`Read ${name}`);', 'takes its text as a literal'],
    ["const a = t('Stop');", 'before the language is known'],
    ["const a = () => t('Read {0} of {1}', 1);", '1 values for the places'],
  ])('%s is a fault', (text, fault) => {
    expect(read(text).faults).toEqual([expect.stringContaining(fault)]);
  });
});

describe('a bundle', () => {
  const texts = [
    { text: 'Stop', place: 'a.ts:1' },
    { text: 'Read {0} of {1}', place: 'a.ts:2' },
    { text: 'Set "hearth.model.path"', place: 'a.ts:3' },
  ];
  const whole = {
    Stop: 'Stopp',
    'Read {0} of {1}': '{0} von {1}',
    'Set "hearth.model.path"': 'Setze "hearth.model.path"',
  };
  const faultsWith = (change: Record<string, string>, same?: string[]) =>
    bundleFaults({ file: 'de', texts, bundle: { ...whole, ...change }, same });

  test('with a translation of every text is right', () => {
    expect(faultsWith({})).toEqual([]);
  });

  test.each([
    [{ Go: 'Los' }, '"Go" is used nowhere'],
    [{ 'Read {0} of {1}': '{0} gelesen' }, 'has the places {0}, not {0} {1}'],
    [{ Stop: 'Stop' }, '"Stop" is not translated'],
    [{ 'Set "hearth.model.path"': 'Setze "hearth.modell"' }, 'lacks "hearth.model.path"'],
  ] as [Record<string, string>, string][])('with %o is not', (change, fault) => {
    expect(faultsWith(change)).toEqual([expect.stringContaining(fault)]);
  });

  test('may have a text as it is in English when that is known', () => {
    expect(faultsWith({ Stop: 'Stop' }, ['Stop'])).toEqual([]);
  });

  test('lacks what it does not have, and says where it is used', () => {
    expect(bundleFaults({ file: 'de', texts: texts.slice(0, 1), bundle: {} })).toEqual([
      'de: "Stop" is missing (a.ts:1)',
    ]);
  });

  test('of the manifest is compared by names', () => {
    const english = { a: 'Open', b: 'Close' };
    expect(manifestFaults({ file: 'de', english, translated: { a: 'Öffnen', c: 'x' } })).toEqual([
      'de: "b" is missing',
      'de: "c" is used nowhere',
    ]);
  });
});

describe('a text that asks for no translation', () => {
  const found = (text: string) =>
    unwrappedIn({ path: 'a.ts', text }).map((one: { text: string }) => one.text);

  test.each([
    "element('p', { text: 'Ready' })",
    "button({ label: 'Stop' })",
    "element('p', { attributes: { 'aria-label': 'Files' } })",
    "window.showErrorMessage('Ready')",
    "item.textContent = 'Ready'",
    "switch (state) { case 'on': return 'Ready'; }",
    'const what = `${count} files were read`',
    'const what = `${count} files`',
    'const what = `Model: ${name}`',
    "item.text = '$(flame) Hearth: resting'",
    '`<div role="group" aria-label="Table">${cells}</div>`',
    "const why = isOpen ? 'the file is open' : 'no file is open'",
    "box.setAttribute('title', 'Files')",
  ])('is found in %s', text => {
    expect(found(text)).not.toEqual([]);
  });

  test.each([
    "t('Stop the answer')",
    'phrase`it ends at byte ${10}`',
    "import { a } from './some file.ts'",
    "element('p', { class: 'note wide' })",
    "log.warn('The file was not found')",
    "if (key === 'Enter') return",
    "switch (key) { case 'Enter': return 1; }",
    "item.text = '$(flame) Hearth'",
    'const path = `${name}.md`',
    '`<label class="task done">${text}</label>`',
    "box.setAttribute('class', 'a wide box')",
    "root.querySelector('.note .wide')",
    "type Mode = 'one line' | 'a block'",
  ])('is not seen in %s', text => {
    expect(found(text)).toEqual([]);
  });
});
