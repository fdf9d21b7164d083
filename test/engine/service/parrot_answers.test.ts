// Answers of which every token is known, through the whole engine on whatever device there is (openGpuDevice): what happens at the
// borders of thoughts and answers.
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ChatSendResult } from '../../../engine/protocol/chat.ts';
import { ClientSession, type AnswerParams } from '../../../engine/service/client_session.ts';
import { openGpuDevice } from '../../../engine/service/device.ts';
import { EngineHost } from '../../../engine/service/engine_host.ts';
import { openModel } from '../../../engine/service/loaded.ts';
import { writeParrot, type Parrot } from '../../support/parrot_model.ts';
import { temporaryDirectory } from '../../support/temporary_directory.ts';

const path = join(temporaryDirectory(), 'parrot.gguf');
const host = new EngineHost({ device: openGpuDevice, model: openModel });
const session = new ClientSession(host);
beforeAll(() => host.open().then(() => undefined));
afterAll(() => host.dispose());

const load = (parrot: Parrot) =>
  host.load({ path: writeParrot(path, parrot), contextTokensMax: 0 }, () => undefined);

/** Thinks without end. Its template ends thoughts with "=", after which the answer is said. */
const thinker: Parrot = {
  template:
    "{%- for m in messages %}{{ '<|im_start|>' + m.role + '\\n' }}" +
    "{%- if m.reasoning_content %}{{ '<think>\\n' + m.reasoning_content + '</think>=' }}{%- endif %}" +
    "{{ m.content + '<|im_end|>\\n' }}{%- endfor %}" +
    "{%- if add_generation_prompt %}{{ '<|im_start|>assistant\\n<think>\\n' }}{%- endif %}",
  after: { '\n': { pieces: ['Hm', ' and'], backTo: 0 }, '=': ['It is', ' done', '.'] },
};

async function ask(
  change: Partial<AnswerParams> = {},
  onPiece: (said: string) => void = () => undefined,
): Promise<ChatSendResult> {
  let said = '';
  const onAny = (piece: string) => onPiece((said += piece));
  return session.chat(
    { messages: [{ role: 'user', content: 'Well?' }], sampling: { temperature: 0 }, ...change },
    { onText: onAny, onThinking: onAny },
  );
}

describe('an answer that was cut', () => {
  const script = ['One', ' two', ' three', ' 円周率', ' five', ' six', '.'];
  const whole = script.join('');
  const goOn = (content: string) =>
    ask({
      messages: [
        { role: 'user', content: 'Well?' },
        { role: 'assistant', content },
      ],
      continueAnswer: true,
    });
  beforeEach(() => load({ script }).then(() => undefined));

  test('goes on where it was stopped, and nothing is read again', async () => {
    const stop = new AbortController();
    const first = await session.chat(
      { messages: [{ role: 'user', content: 'Well?' }], sampling: { temperature: 0 } },
      { onText: piece => piece === ' three' && stop.abort() },
      stop.signal,
    );
    expect(first).toMatchObject({ text: 'One two three', finishReason: 'cancelled' });
    const second = await goOn(first.text);
    expect(first.text + second.text).toBe(whole);
    expect(second.stats.reusedTokens).toBe(second.stats.promptTokens);
  });

  test('goes on at its limit, of which one token is read', async () => {
    const first = await ask({ maxTokens: 4 });
    const second = await goOn(first.text);
    expect(first.text + second.text).toBe(whole);
    expect(second.stats.promptTokens - second.stats.reusedTokens).toBe(1);
  });

  test('goes on without the state of it', async () => {
    await load({ after: { '5': script } });
    expect((await goOn('Count to 5')).text).toBe(whole);
  });
});

describe('a thought without end', () => {
  beforeEach(() => load(thinker).then(() => undefined));

  // Greedy and drawn tokens are read ahead of the host; penalties have the device look at what was said.
  test.each([
    { temperature: 0 },
    { temperature: 1, seed: 5 },
    { temperature: 1, seed: 5, repetitionPenalty: 1.1, presencePenalty: 0.5 },
  ])('is closed when the answer is asked for: %o', async sampling => {
    const cut = await ask({ progressToken: 'p', sampling }, said => {
      if (said.length > 20) session.answerNow('p');
    });
    expect(cut).toMatchObject({ text: 'It is done.', finishReason: 'stop', thoughtCut: 'answerNow' });
    expect(cut.thinking).toMatch(/^(Hm and){2,}( ?\w*)$/);
    const { promptTokens, generatedTokens, contextTokens } = cut.stats;
    // The tag and the sign after it.
    expect(contextTokens).toBe(promptTokens + generatedTokens + 2);
  });

  test('is closed when its budget is used up', async () => {
    expect(await ask({ thinkingTokens: 7 })).toMatchObject({
      thinking: 'Hm andHm andHm andHm',
      text: 'It is done.',
      thoughtCut: 'budget',
    });
  });
});
