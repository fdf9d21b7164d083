// The engine process is killed: the panel says so, a new engine comes, the conversation is kept and goes on.
import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import { answerTokensMax, brief, endless, type Stage } from '../stage.ts';
import { until } from '../waiting.ts';
import { question } from './chat.ts';

export async function crashScenario({ panel, editor, extension, shots, step, set }: Stage): Promise<void> {
  await step(
    'an engine killed while it answers is told, started again, and the conversation is kept',
    async () => {
      await panel.newChat();
      await panel.setUseWorkspace(false);
      const first = await panel.ask(question);
      assert.equal((await first.end()).status, 'done');
      const kept = (await first.shownText()).trim();
      set(endless);
      const second = await panel.ask('List the numbers from 1 to 500 and write a file for each of them.');
      await second.firstWords();
      const [pid] = extension.enginePids();
      assert.ok(pid !== undefined, 'no engine process was found');
      process.kill(pid, 'SIGKILL');
      const shown = await until('the panel to show it', async () => {
        const state = await panel.engineState();
        return state !== 'ready' && state;
      });
      assert.ok(['restarting', 'starting', 'loading'].includes(shown), shown);
      assert.equal((await second.end()).status, 'failed');
      assert.match(await second.turn.locator('.failure').innerText(), /engine.*restarted/is);
      await editor.picture(`${shots}/engine_killed.png`);
      await until('a new engine process', () => extension.enginePids().some(other => other !== pid));
      await panel.engineReaches('ready');
      assert.equal(await panel.questions.count(), 2);
      assert.equal((await first.shownText()).trim(), kept);
    },
  );
  await step('after the restart the same conversation goes on, with all that was said', async () => {
    set(brief);
    const before = await promptTokens(panel.answers.first());
    const answer = await panel.ask(question);
    assert.equal((await answer.end()).status, 'done');
    assert.notEqual((await answer.shownText()).trim(), '');
    assert.equal(await panel.questions.count(), 3);
    assert.ok((await promptTokens(answer.turn)) > before);
    await editor.picture(`${shots}/engine_back.png`);
  });
  await step('a new question gets the right answer from the new engine', async () => {
    await panel.newChat();
    const answer = await panel.ask(question);
    assert.equal((await answer.end()).status, 'done');
    assert.equal(
      (await answer.copiedText()).trim(),
      (await extension.generate(question, answerTokensMax)).trim(),
    );
  });
}

/** How long the prompt of an answer was, as shown under it. */
async function promptTokens(turn: Locator): Promise<number> {
  const [, count = ''] = /([\d,]+) prompt tokens/.exec(await turn.getByTestId('stats').innerText()) ?? [];
  return Number(count.replaceAll(',', '') || NaN);
}
