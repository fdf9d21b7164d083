import { expect, test, vi } from 'vitest';
import { Emitter } from 'vscode-jsonrpc/node';
import type { CommandsView } from '../../../webview/protocol.ts';
import { readPromptFile } from '../../../extension/prompts/prompt_file.ts';
import type { FoundPrompt, PromptSources } from '../../../extension/prompts/prompt_sources.ts';
import { Slash } from '../../../extension/prompts/slash.ts';
import { settle } from '../../fakes/fake_engine.ts';

function setUp(read: () => Promise<FoundPrompt[]>, trusted = true) {
  const changes = new Emitter<void>();
  const shown: unknown[] = [];
  const sources: PromptSources = {
    activeFile: () => undefined,
    folder: () => undefined,
    changes: () => expect.fail('asked for changes'),
    prompts: read,
    rules: async () => [],
    linked: () => expect.fail('asked for a link'),
    askInput: async () => undefined,
  };
  const slash = new Slash({
    sources,
    onDidChangePrompts: changes.event,
    lookAgain: () => expect.fail('looked again'),
    isFolderTrusted: () => trusted,
    showError: error => shown.push(error),
  });
  const views: CommandsView[] = [];
  slash.onDidChangeView(view => views.push(view));
  return { slash, changes, views, shown };
}
const prompt = (name: string): FoundPrompt => ({
  ...readPromptFile('Do it.', `${name}.prompt.md`),
  path: `${name}.prompt.md`,
  uri: `file:///${name}`,
});

test('the own commands are there at once, prompt files once they were read, and again after a change', async () => {
  let prompts = [prompt('one')];
  const { slash, changes, views } = setUp(async () => prompts);
  expect(slash.view.commands.every(({ source }) => source === 'own')).toBe(true);
  slash.refresh();
  await settle();
  expect(views.at(-1)).toBe(slash.view);
  expect(slash.view.commands.at(-1)?.name).toBe('one');
  prompts = [];
  changes.fire();
  await settle();
  expect(views).toHaveLength(2);
  expect(slash.view.commands.at(-1)?.name).toBe('commit');
  expect((await slash.expand('/usr/bin'))?.shown).toBe('/usr/bin');
});

test('a folder that is not trusted is told from the beginning', () => {
  expect(setUp(async () => [], false).slash.view.note).toContain('not trusted');
});

test('prompt files that cannot be read are an error, and the commands stay', async () => {
  const { slash, shown } = setUp(async () => {
    throw new Error('broken');
  });
  slash.refresh();
  await settle();
  expect(shown).toHaveLength(1);
  expect(slash.view.commands.length).toBeGreaterThan(5);
});

test('a list that comes later than one that was asked for after it is not shown', async () => {
  const waiting: ((prompts: FoundPrompt[]) => void)[] = [];
  const { slash, changes, views } = setUp(() => new Promise(resolve => waiting.push(resolve)));
  slash.refresh();
  changes.fire();
  waiting[1]?.([prompt('new')]);
  await vi.waitFor(() => expect(views).toHaveLength(1));
  waiting[0]?.([prompt('old')]);
  await Promise.resolve().then(() => Promise.resolve());
  expect(slash.view.commands.map(({ name }) => name)).toContain('new');
  expect(slash.view.commands.map(({ name }) => name)).not.toContain('old');
});
