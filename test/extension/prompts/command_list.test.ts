import { expect, test } from 'vitest';
import { commandList } from '../../../extension/prompts/command_list.ts';
import { readPromptFile } from '../../../extension/prompts/prompt_file.ts';
import type { FoundPrompt } from '../../../extension/prompts/prompt_sources.ts';

const prompt = (name: string, header = ''): FoundPrompt => ({
  ...readPromptFile(`---\n${header}\n---\nx`, `${name}.prompt.md`),
  path: `.github/prompts/${name}.prompt.md`,
  uri: `file:///w/.github/prompts/${name}.prompt.md`,
});

test('lists the own commands, then the user’s with description and hint', () => {
  const { commands, note } = commandList(
    [prompt('zebra'), prompt('ant', 'description: Count ants\nargument-hint: how many')],
    true,
  );
  expect(commands.map(({ name }) => name).join(' ')).toBe(
    'explain fix tests docs refactor review commit ant zebra',
  );
  expect(commands.at(-2)).toEqual({
    name: 'ant',
    description: 'Count ants',
    hint: 'how many',
    source: 'promptFile',
  });
  expect(commands.at(-1)?.description).toBe('.github/prompts/zebra.prompt.md');
  expect(note).toBeUndefined();
});

test('of two prompts of one name the first counts, and it hides a command of that name', () => {
  const { commands } = commandList([prompt('Fix', 'description: mine'), prompt('fix')], true);
  expect(commands.filter(({ name }) => name.toLowerCase() === 'fix')).toEqual([
    { name: 'Fix', description: 'mine', hint: undefined, source: 'promptFile' },
  ]);
});

test('says why nothing of a folder that is not trusted is listed', () => {
  expect(commandList([], false).note).toContain('not trusted');
});
