// Answers that are not simply whole: a thought that is ended, an answer cut at its limit, one that repeats itself. All of it by
// keyboard. The model says what it is told.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { writeParrot, type Parrot } from '../../support/parrot_model.ts';
import type { Answer } from '../panel.ts';
import { answerTokensMax, type Stage } from '../stage.ts';
import { until } from '../waiting.ts';

/** Longer than any piece whose repetition is noticed, so that the thought has no end. */
const thought = Array.from({ length: 80 }, (_, i) => ` step ${i}`);
/** Its template ends thoughts with "=", after which the answer is said. */
const thinker: Parrot = {
  template:
    "{%- for m in messages %}{{ '<|im_start|>' + m.role + '\\n' }}" +
    "{%- if m.reasoning_content %}{{ '<think>\\n' + m.reasoning_content + '</think>=' }}{%- endif %}" +
    "{{ m.content + '<|im_end|>\\n' }}{%- endfor %}" +
    "{%- if add_generation_prompt %}{{ '<|im_start|>assistant\\n<think>\\n' }}{%- endif %}",
  after: { '\n': { pieces: thought, backTo: 0 }, '=': ['It is', ' done', '.'] },
};
const counting = ['One', ' two', ' three', ' four', ' five', ' six', '.'];
const repeating: Parrot = { script: { pieces: ['It is', ' maybe', ' perhaps'], backTo: 1 } };

export async function thoughtsScenario({ panel, editor, directory, shots, step, set }: Stage): Promise<void> {
  /** Loads a model under a name of its own, and begins a chat with it. */
  const load = async (name: string, parrot: Parrot, maxTokens: number | null): Promise<void> => {
    const path = writeParrot(join(directory, `${name}.gguf`), parrot);
    await panel.open();
    await editor.command('Hearth: Start the Model');
    set({ 'hearth.model.path': path, 'hearth.chat.maxTokens': maxTokens });
    await panel.runs(name);
    await panel.newChat();
  };
  const noteOf = (answer: Answer): Promise<string> => answer.turn.getByTestId('note').innerText();
  let answer: Answer;

  await step('a thought shows its time and tokens while it grows, and opens by keyboard', async () => {
    await load('thinker', thinker, null);
    answer = await panel.ask('Well?');
    const line = answer.turn.getByTestId('thought').locator('summary');
    await until('time and tokens of the thought', async () =>
      /^Thinking… .+ · [\d,]+ tokens$/.test(await line.innerText()),
    );
    await line.focus();
    await editor.page.keyboard.press('Enter');
    await answer.turn.getByText('step 7').waitFor();
    await editor.picture(`${shots}/thinking.png`);
    assert.equal((await answer.shownText()).trim(), '');
  });
  await step('Answer Now ends the thought, and the answer comes', async () => {
    await panel.chord('t');
    assert.equal((await answer.end()).status, 'done');
    assert.equal((await answer.shownText()).trim(), 'It is done.');
    const line = answer.turn.getByTestId('thought').locator('summary');
    assert.match(await line.innerText(), /^Thought for .+ · [\d,]+ tokens$/);
    assert.match(await answer.turn.getByTestId('thought-cut').innerText(), /you asked for the answer/);
    await panel.inputIs('');
    await editor.picture(`${shots}/answer_now.png`);
  });
  await step('an answer cut at its limit goes on where it was', async () => {
    await load('counting', { script: counting }, 4);
    answer = await panel.ask('Count.');
    assert.equal((await answer.end()).status, 'done');
    assert.equal((await answer.shownText()).trim(), counting.slice(0, 4).join(''));
    assert.match(await noteOf(answer), /cut at the length limit/);
    await editor.picture(`${shots}/cut.png`);
    await panel.chord('g');
    await until('the whole answer', async () => (await answer.shownText()).trim() === counting.join(''));
    assert.equal((await answer.end()).status, 'done');
    assert.equal(await answer.turn.getByRole('button', { name: 'Continue' }).isVisible(), false);
    await panel.inputIs('');
  });
  await step('an answer that repeats itself is stopped, says so, and goes on when told to', async () => {
    await load('repeating', repeating, null);
    answer = await panel.ask('Is it?');
    assert.equal((await answer.end()).status, 'done');
    assert.match(await noteOf(answer), /repeated itself/);
    const { length } = await answer.shownText();
    await editor.picture(`${shots}/repetition.png`);
    await panel.chord('g');
    // It would have been stopped again after as much as before.
    await until('much more of the same', async () => (await answer.shownText()).length > 3 * length);
    await panel.chord('s');
    assert.equal((await answer.end()).status, 'stopped');
    await panel.inputIs('');
  });
  await step('the embedded model is back after the thoughts', async () => {
    set({ 'hearth.model.path': '', 'hearth.chat.maxTokens': answerTokensMax });
    await panel.runs('Hearth tiny');
  });
}
