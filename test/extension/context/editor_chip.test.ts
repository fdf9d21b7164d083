import { expect, test } from 'vitest';
import { EditorChip } from '../../../extension/context/editor_chip.ts';
import { TokenCounts } from '../../../extension/context/token_counts.ts';
import type { EditorFile } from '../../../extension/prompts/facts.ts';
import { order, selected } from './sources.ts';

const counts = new TokenCounts(async () => undefined);
function setUp(contextTokens = 0) {
  const at: { file: EditorFile | undefined; trusted: boolean; wanted: boolean } = {
    file: order,
    trusted: true,
    wanted: true,
  };
  const chip = new EditorChip({
    activeFile: () => at.file,
    isTrusted: () => at.trusted,
    isWanted: () => at.wanted,
    contextTokens: () => contextTokens,
  });
  return { chip, at };
}

test('the file comes along, and of it the selection once there is one', () => {
  const { chip, at } = setUp();
  expect(chip.view(counts)).toMatchObject({ label: 'src/order.ts', tokens: 5, estimated: true });
  at.file = selected;
  expect(chip.view(counts)).toMatchObject({ label: 'src/order.ts:2-3' });
  at.file = undefined;
  expect(chip.view(counts)).toBeUndefined();
  at.file = { ...order, text: ' \n' };
  expect(chip.view(counts)).toBeUndefined();
});

test('dropped, it stays away until another editor is used', () => {
  const { chip, at } = setUp();
  chip.drop();
  expect(chip.view(counts)).toBeUndefined();
  at.file = selected;
  chip.refresh();
  at.file = undefined;
  chip.refresh();
  at.file = order;
  chip.refresh();
  expect(chip.view(counts)).toBeUndefined();
  at.file = { ...order, uri: 'file:///w/other.ts' };
  chip.refresh();
  at.file = order;
  chip.refresh();
  expect(chip.view(counts)).toBeDefined();
});

test('nothing comes by itself while the user does not want it', () => {
  const { chip, at } = setUp();
  at.wanted = false;
  expect(chip.read()).toBeUndefined();
  expect(chip.view(counts)).toBeUndefined();
  at.wanted = true;
  expect(chip.view(counts)).toBeDefined();
});

test('nothing of a folder that is not trusted comes by itself', () => {
  const { chip, at } = setUp();
  at.trusted = false;
  expect(chip.read()).toBeUndefined();
});

test('it takes a small part of the context', () => {
  const long = { ...order, text: 'some words\n'.repeat(10_000) };
  const lengthOf = (contextTokens: number): number => {
    const { chip, at } = setUp(contextTokens);
    at.file = long;
    return chip.read()?.attachment.text.length ?? 0;
  };
  expect(lengthOf(4096)).toBeLessThanOrEqual(1536);
  expect(lengthOf(4096)).toBeGreaterThan(1500);
  expect(lengthOf(262_144)).toBeLessThanOrEqual(12_000);
  expect(lengthOf(262_144)).toBeGreaterThan(11_900);
});

test('a file that may hold secrets does not come by itself', () => {
  const { chip, at } = setUp();
  at.file = { ...order, uri: 'file:///w/.env', path: '.env' };
  expect(chip.read()).toBeUndefined();
  // By what stands in it, also where the part around the cursor does not show that.
  at.file = { ...order, text: `-----BEGIN PRIVATE KEY-----\n${'MIIE\n'.repeat(9_000)}`, cursorLine: 8_000 };
  expect(chip.read()).toBeUndefined();
});
