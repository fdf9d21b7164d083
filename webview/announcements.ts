// What a screen reader is told when the state changes: ends and failures, never single tokens. Pure.
import { t } from './l10n.ts';
import type { PanelState } from './protocol.ts';
import { isRunning, isThinking } from './store.ts';

/** Sentences to speak for the step from one state to the next, in order. */
export function announcements(before: PanelState, after: PanelState): string[] {
  const said: string[] = [];
  for (const [index, turn] of after.turns.entries()) {
    // Most turns are the same ones at the same place.
    if (turn.role !== 'assistant' || turn === before.turns[index]) continue;
    const earlier = before.turns.find(other => other.id === turn.id);
    const status = earlier?.role === 'assistant' ? earlier.status : undefined;
    if (isThinking(turn) && !(earlier?.role === 'assistant' && earlier.thinking))
      said.push(t('The model is thinking.'));
    if (status === turn.status) continue;
    // It was there before, on another branch.
    if (status === undefined && !isRunning(turn)) continue;
    if (turn.status === 'done') said.push(t('Answer finished.'));
    if (turn.status === 'stopped') said.push(t('Stopped.'));
    if (turn.status === 'failed') said.push(failureText(t('The answer failed.'), turn.failure));
    if (turn.status === 'waiting' || turn.status === 'reading') {
      if (status === undefined) said.push(t('Hearth is working on an answer.'));
    }
  }
  for (const download of after.models?.downloads ?? []) {
    const earlier = before.models?.downloads.find(({ id }) => id === download.id);
    if (!earlier || earlier.phase === download.phase) continue;
    if (download.phase === 'done') said.push(t('{0} is ready to use.', download.name));
    if (download.phase === 'paused') said.push(t('{0} is paused.', download.name));
    if (download.phase === 'failed')
      said.push(`${download.name}: ${failureText(t('the download failed.'), download.problem)}`);
  }
  if (before.engine.state !== after.engine.state) {
    if (after.engine.state === 'failed')
      said.push(failureText(t('The engine failed.'), after.engine.failure));
    if (after.engine.state === 'restarting') said.push(t('The engine is restarting.'));
    if (after.engine.state === 'resting') said.push(t('The model is resting and the GPU is free.'));
    if (after.engine.state === 'ready' && before.engine.state !== 'stopped')
      said.push(t('The model is ready.'));
  }
  return said;
}

function failureText(fallback: string, failure: { message: string; remedy: string } | undefined): string {
  return failure ? `${failure.message} ${failure.remedy}`.trim() : fallback;
}
