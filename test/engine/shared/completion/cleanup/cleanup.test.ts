// Clean-up of completions, by the cases in test/golden/completion_cleanup (its README says how they are written).
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { cleanUp, cleanupRules } from '../../../../../engine/shared/completion/cleanup/cleanup.ts';
import { syntaxOf } from '../../../../../engine/shared/completion/cleanup/syntax.ts';
import { at } from '../../../../support/cursor.ts';

const directory = join(import.meta.dirname, '../../../../golden/completion_cleanup');
const languagesCovered =
  'typescript typescriptreact python go rust cpp java html css yaml json markdown makefile shellscript';
const casesMin = 100;

const fileSchema = z.strictObject({
  language: z.string(),
  path: z.string(),
  cases: z.array(
    z.strictObject({
      name: z.string(),
      at: z.string(),
      model: z.string(),
      block: z.boolean().default(false),
      byHand: z.boolean().default(false),
      shows: z.string().optional(),
      drops: z.string().optional(),
      by: z.array(z.string()).default([]),
    }),
  ),
});
const files = readdirSync(directory)
  .filter(name => name.endsWith('.yaml'))
  .map(name => fileSchema.parse(parse(readFileSync(join(directory, name), 'utf8'))));
type Case = (typeof files)[number]['cases'][number];

/** The case's fields that tell its outcome, as the rules make it of a text. */
function outcomeOf(file: (typeof files)[number], { at: place, block, byHand }: Case, model: string) {
  const cleaned = cleanUp({
    text: model,
    context: at(place, '▮'),
    multiline: block,
    explicit: byHand,
    syntax: syntaxOf({ languageId: file.language, path: file.path }),
  });
  return {
    ...('text' in cleaned ? { shows: cleaned.text } : { drops: cleaned.droppedBy.name }),
    by: cleaned.changes.map(({ rule }) => rule),
  };
}

describe.each(files)('in $language', file => {
  test.each(file.cases)('$name', one => {
    const { shows, drops, by } = one;
    expect(outcomeOf(file, one, one.model)).toEqual({ ...(drops ? { drops } : { shows }), by });
  });

  test('what is shown is clean: to clean it once more changes nothing', () => {
    for (const one of file.cases)
      if (one.shows !== undefined)
        expect(outcomeOf(file, one, one.shows), one.name).toEqual({ shows: one.shows, by: [] });
  });

  test('each language is known by its files, too', () => {
    expect(syntaxOf({ path: file.path })).toBe(syntaxOf({ languageId: file.language, path: '' }));
  });
});

test('every language and every rule has a case, and there are enough of them', () => {
  const cases = files.flatMap(file => file.cases);
  expect(files.map(({ language }) => language).sort()).toEqual(languagesCovered.split(' ').sort());
  expect(cases.length).toBeGreaterThanOrEqual(casesMin);
  const shown = new Set(cases.flatMap(({ drops, by }) => (drops ? [drops, ...by] : by)));
  expect([...shown].sort()).toEqual(cleanupRules.map(({ name }) => name).sort());
  for (const { language, cases } of files)
    expect(new Set(cases.map(({ name }) => name)).size, language).toBe(cases.length);
});
