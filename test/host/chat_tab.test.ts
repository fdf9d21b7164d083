// The chat in a tab of the editor and in a window of its own.
import assert from 'node:assert/strict';
import { commands, TabInputWebview, window, type Tab } from 'vscode';
import { hearth, until } from './hearth.ts';

const tabs = (): Tab[] =>
  window.tabGroups.all
    .flatMap(group => group.tabs)
    .filter(({ input }) => input instanceof TabInputWebview && input.viewType.includes('hearth.chatTab'));

suite('the chat in a tab', () => {
  suiteSetup(() => hearth().activate());
  teardown(() => window.tabGroups.close(tabs()));

  test('opens once, comes to the front again, and its page comes up', async () => {
    await commands.executeCommand('hearth.openChatInEditor');
    await until('the tab', () => tabs().find(tab => tab.isActive));
    await commands.executeCommand('hearth.openChatInEditor');
    assert.equal(tabs().length, 1);
    const { pages } = await hearth().activate();
    await until('its page', () =>
      pages().some(({ place, isOpen }) => place === 'tab' && isOpen) ? true : undefined,
    );
  });

  test('shows the conversation beside the side bar, and is gone when it is closed', async () => {
    const { pages } = await hearth().activate();
    await commands.executeCommand('hearth.chat.focus');
    await commands.executeCommand('hearth.openChatInEditor');
    await until('both pages', () => (pages().filter(({ isOpen }) => isOpen).length === 2 ? true : undefined));
    await window.tabGroups.close(tabs());
    await until('one page', () => (pages().length === 1 ? true : undefined));
    await commands.executeCommand('hearth.openChat');
    assert.equal(tabs().length, 0);
  });
});
