import { beforeEach, describe, expect, test } from 'vitest';
import { Emitter } from 'vscode-jsonrpc/node';
import { firstRunStep, openOnFirstRun, type FirstRunFacts } from '../../extension/first_run.ts';
import { settle, silentLog } from '../fakes/fake_engine.ts';

const first: FirstRunFacts = { isDone: false, isWanted: true, isKnown: false, isFocused: true };

describe('what the first start does', () => {
  test('it opens Hearth in the window that is in use, and another window waits', () => {
    expect(firstRunStep(first)).toBe('open');
    expect(firstRunStep({ ...first, isFocused: false })).toBe('wait');
  });

  test('a later start does nothing', () => {
    for (const isFocused of [true, false])
      expect(firstRunStep({ ...first, isDone: true, isFocused })).toBe('nothing');
  });

  test('who does not want it, or knows Hearth already, is left alone for good', () => {
    for (const isFocused of [true, false]) {
      expect(firstRunStep({ ...first, isWanted: false, isFocused })).toBe('remember');
      expect(firstRunStep({ ...first, isKnown: true, isFocused })).toBe('remember');
    }
  });
});

describe('opening', () => {
  let state: Map<string, unknown>;
  let ran: [string, ...unknown[]][];

  beforeEach(() => {
    state = new Map();
    ran = [];
  });

  /** A window of the one editor whose state all windows share. */
  function openWindow({ focused = true, isWanted = true, isKnown = false, fails = false } = {}) {
    const changes = new Emitter<unknown>();
    const window = { state: { focused }, onDidChangeWindowState: changes.event };
    const disposable = openOnFirstRun({
      globalState: {
        get: key => state.get(key),
        update: async (key, value) => void state.set(key, value),
      },
      window,
      execute: async (command, ...args) => {
        if (fails) throw new Error('no such command');
        ran.push([command, ...args]);
      },
      isWanted: () => isWanted,
      isKnown: () => isKnown,
      log: silentLog,
    });
    const focus = async (): Promise<void> => {
      window.state = { focused: true };
      changes.fire(undefined);
      await settle();
    };
    return { disposable, focus };
  }

  test('walkthrough and panel are opened without taking the cursor, and never again', async () => {
    const { focus } = openWindow();
    await settle();
    expect(ran).toEqual([
      ['workbench.action.openWalkthrough', 'hearth.hearth#start', { inactive: true }],
      ['hearth.chat.focus', { preserveFocus: true }],
    ]);
    await focus();
    openWindow();
    await settle();
    expect(ran).toHaveLength(2);
  });

  test('of two windows only the one that comes into use first opens it', async () => {
    const [one, two] = [openWindow({ focused: false }), openWindow({ focused: false })];
    await settle();
    expect(ran).toEqual([]);
    await two.focus();
    expect(ran).toHaveLength(2);
    await one.focus();
    expect(ran).toHaveLength(2);
  });

  test('a window that is closed before does not open it', async () => {
    const { disposable, focus } = openWindow({ focused: false });
    disposable.dispose();
    await focus();
    expect(ran).toEqual([]);
  });

  test('where it is not wanted, it does not open later either', async () => {
    openWindow({ isWanted: false });
    await settle();
    openWindow();
    await settle();
    expect(ran).toEqual([]);
  });

  test('an editor without these commands is left as it is', async () => {
    openWindow({ fails: true });
    await settle();
    openWindow();
    await settle();
    expect(ran).toEqual([]);
  });
});
