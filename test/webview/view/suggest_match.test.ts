import { describe, expect, test } from 'vitest';
import { matchItems } from '../../../webview/view/suggest_match.ts';

const items = [
  { id: '1', label: '/explain', detail: 'Explain code' },
  { id: '2', label: '/fix', detail: 'Fix a problem' },
  { id: '3', label: '/tests', detail: 'Write tests' },
  { id: '4', label: '/release-notes', detail: 'Tell what a fix changed' },
];
const labels = (query: string): string[] => matchItems(items, query).map(({ item }) => item.label);

describe('matchItems', () => {
  test('offers everything in its own order when nothing is typed', () => {
    expect(labels('')).toEqual(['/explain', '/fix', '/tests', '/release-notes']);
    expect(labels('  ')).toHaveLength(4);
  });

  test('finds letters in order, and a label before a second line', () => {
    expect(labels('rn')).toEqual(['/release-notes']);
    expect(labels('fix')).toEqual(['/fix', '/release-notes']);
    expect(labels('zzz')).toEqual([]);
  });

  test('cuts the label where it matches, and gives it back whole', () => {
    expect(matchItems(items, 'rel')[0]?.pieces).toEqual([
      { text: '/', matched: false },
      { text: 'rel', matched: true },
      { text: 'ease-notes', matched: false },
    ]);
    for (const { item, pieces } of matchItems(items, 'e'))
      expect(pieces.map(({ text }) => text).join('')).toBe(item.label);
  });

  test('takes what was typed as text', () => {
    expect(labels('.*')).toEqual([]);
    expect(matchItems([{ id: '1', label: 'a<b>' }], '<b')[0]?.pieces.at(-1)).toEqual({
      text: '>',
      matched: false,
    });
  });
});
