import { describe, expect, test } from 'vitest';
import { errorCodes, type HearthErrorName } from '../../engine/protocol/errors.ts';
import { answerActions, engineActions, notificationActions } from '../../extension/remedies.ts';

const codes = Object.keys(errorCodes) as HearthErrorName[];
const titles = (code: HearthErrorName): string[] => notificationActions(code).map(({ title }) => title);

describe('remedies', () => {
  test('every error has at least one button wherever it is shown', () => {
    for (const code of codes)
      for (const actions of [answerActions(code), engineActions(code), notificationActions(code)])
        expect(actions.length, code).toBeGreaterThan(0);
  });

  test('a failed answer offers no restart: asking again restarts the engine', () => {
    for (const code of codes) expect(answerActions(code)).not.toContain('restartEngine');
    expect(answerActions('engineExited')).toEqual(['retry', 'openLog']);
    expect(answerActions('noRuntime')).toEqual(['retry', 'openSettings', 'openLog']);
  });

  test('a full context is not asked again: it would be as full as before', () => {
    expect(answerActions('contextFull')).toEqual(['newChat', 'openSettings']);
  });

  test('a failed engine offers another model when this one is bad, else a restart', () => {
    expect(engineActions('badCheckpoint')).toEqual(['chooseModel', 'openLog']);
    expect(engineActions('loadCancelled')).toEqual(['restartEngine', 'chooseModel']);
    expect(engineActions('gpuError')).toEqual(['restartEngine', 'openLog']);
  });

  test('a notification offers what the chat offers, and always ends with the log', () => {
    for (const code of codes) expect(titles(code).at(-1)).toBe('Show Log');
    expect(titles('noModel')).toEqual(['Choose Model', 'Show Log']);
    expect(titles('outOfDeviceMemory')).toEqual(['Choose Model', 'Open Settings', 'Show Log']);
    expect(titles('deviceLost')).toEqual(['Restart Engine', 'Show Log']);
  });

  test('a notification offers neither a new chat nor a restart that nobody needs', () => {
    expect(titles('contextFull')).toEqual(['Open Settings', 'Show Log']);
    expect(titles('hubUnreachable')).toEqual(['Show Log']);
  });
});
