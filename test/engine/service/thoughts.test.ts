// A thought that is ended before the model does: by whoever waits for the answer, or by its budget.
import { beforeEach, describe, expect, test } from 'vitest';
import type { ChatSendResult } from '../../../engine/protocol/chat.ts';
import { ClientSession, type AnswerParams } from '../../../engine/service/client_session.ts';
import { hearthErrorOf } from '../../support/hearth_error.ts';
import { hostServing } from '../../fakes/fake_host.ts';
import type { FakeModel } from '../../fakes/fake_model.ts';
import { goldenTemplate, thinker, thinkingText, tokensRead } from '../../support/thinking_model.ts';

const thought = 'The user wants a number, so let me count: one two three four five six.';
const answer = 'It is six.';
const closing = '\n</think>\n\n';

let text: Awaited<ReturnType<typeof thinkingText>>;
let model: FakeModel;
let session: ClientSession;
const serve = async (template: string | undefined, options = {}) => {
  text = await thinkingText(template);
  model = thinker(text, { thought, answer }, options);
  session = new ClientSession(await hostServing(model, text));
};
const tokensOf = (some: string) => text.tokenizer.encode(some, { special: true }).length;

interface Heard {
  thinking: string;
  text: string;
}
/** Asks, and calls `onThought` after each piece of the thought. */
async function ask(
  change: Partial<AnswerParams> = {},
  onThought: (heard: Heard) => void = () => undefined,
): Promise<ChatSendResult & { heard: Heard }> {
  const heard = { thinking: '', text: '' };
  const result = await session.chat(
    {
      progressToken: 'p',
      messages: [{ role: 'user', content: 'How many?' }],
      sampling: { temperature: 0 },
      ...change,
    },
    {
      onThinking: piece => {
        heard.thinking += piece;
        onThought(heard);
      },
      onText: piece => (heard.text += piece),
    },
  );
  return { ...result, heard };
}

describe.each([
  ['without drafts', {}],
  ['with drafts', { draftsMax: 3 }],
])('%s', (_, options) => {
  beforeEach(() => serve(goldenTemplate('thinking'), options));

  test('a thought ends when the answer is asked for, and nothing is read twice', async () => {
    const closed: boolean[] = [];
    const cut = await ask({}, ({ thinking }) => {
      if (thinking.includes('let me')) closed.push(session.answerNow('p'));
    });
    expect(closed).toEqual([true]);
    expect(cut).toMatchObject({ text: answer, finishReason: 'stop', thoughtCut: 'answerNow' });
    expect(cut.heard).toEqual({ thinking: cut.thinking, text: answer });
    expect(cut.thinking).toMatch(/let me$/);
    const { promptTokens, generatedTokens, draftedTokens, acceptedTokens, contextTokens } = cut.stats;
    const known = promptTokens + generatedTokens + tokensOf(closing);
    if (draftedTokens === 0) expect(contextTokens).toBe(known);
    expect(tokensRead(model)).toBe(known + draftedTokens - acceptedTokens);
    expect(generatedTokens).toBe(tokensOf(cut.thinking) + tokensOf(answer));
  });

  test('a thought ends when its budget is used up', async () => {
    const cut = await ask({ thinkingTokens: 5 });
    expect(cut).toMatchObject({ text: answer, finishReason: 'stop', thoughtCut: 'budget' });
    expect(tokensOf(cut.thinking)).toBe(5);
    expect(cut.thoughtTokens).toBe(5);
    const counted: number[] = [];
    const params = {
      messages: [{ role: 'user' as const, content: 'How many?' }],
      sampling: { temperature: 0 },
    };
    const onThinking = (_piece: string, tokens: number) => counted.push(tokens);
    await session.chat({ ...params, thinkingTokens: 5 }, { onThinking });
    expect(counted.at(-1)).toBe(5);
    expect(counted).toEqual([...counted].sort((a, b) => a - b));
    expect(thought.startsWith(cut.thinking)).toBe(true);
  });
});

describe('an answer', () => {
  beforeEach(() => serve(goldenTemplate('thinking')));

  test('whose thought ended in time says nothing of it', async () => {
    const whole = await ask({ thinkingTokens: 500 });
    expect(whole).toMatchObject({ text: answer, thinking: thought });
    expect(whole).not.toHaveProperty('thoughtCut');
  });

  test('may do without a thought, by its budget or asked for while the prompt is read', async () => {
    expect(await ask({ thinkingTokens: 0 })).toMatchObject({ thinking: '', text: answer });
    const asked: boolean[] = [];
    model.before = ids => {
      if (ids.length > 1) asked.push(session.answerNow('p'));
    };
    const cut = await ask({ messages: [{ role: 'user', content: 'How very many are there?' }] });
    expect(asked[0]).toBe(true);
    expect(cut).toMatchObject({ thinking: '', text: answer, thoughtCut: 'answerNow' });
  });

  test('that is there already, has ended or was never asked for takes no other', async () => {
    const asked: boolean[] = [];
    const running = session.chat(
      { progressToken: 'q', messages: [{ role: 'user', content: 'x' }], sampling: { temperature: 0 } },
      { onText: () => asked.push(session.answerNow('q')) },
    );
    const whole = await running;
    expect(whole).toMatchObject({ text: answer, thinking: thought });
    expect(whole.thoughtCut).toBeUndefined();
    expect(asked.length).toBeGreaterThan(1);
    expect(asked).not.toContain(true);
    expect([session.answerNow('q'), session.answerNow('never')]).toEqual([false, false]);
  });

  test('has its whole allowance after a thought that was ended', async () => {
    const cut = await ask({ thinkingTokens: 3, maxTokens: 2 });
    expect(cut.finishReason).toBe('length');
    expect(tokensOf(cut.text)).toBe(2);
  });
});

describe('an effort', () => {
  const withEfforts =
    "{%- if reasoning_effort is defined and reasoning_effort not in ['low', 'high'] %}{{ raise_exception('no') }}{% endif -%}" +
    "{{ 'Effort: ' + reasoning_effort|default('high') + '.' }}" +
    "{%- for m in messages %}{{ '<|im_start|>' + m.role + '\n' + m.content + '<|im_end|>\n' }}{% endfor -%}" +
    "{%- if add_generation_prompt %}{{ '<|im_start|>assistant\n<think>\n' }}{% endif -%}";
  const promptOf = async (change: Partial<AnswerParams>): Promise<string> => {
    const ids: number[] = [];
    model.before = batch => void ids.push(...batch);
    const { stats } = await ask(change);
    const bytes = ids.slice(0, stats.promptTokens - stats.reusedTokens);
    return new TextDecoder().decode(
      Uint8Array.from(bytes.flatMap(id => [...text.tokenizer.decodeBytes(id)])),
    );
  };

  test('is handed to the template that has such a switch, and what it does not take is refused by name', async () => {
    await serve(withEfforts);
    expect(await promptOf({ effort: 'low' })).toMatch(/^Effort: low\./);
    await serve(withEfforts);
    expect(await promptOf({})).toMatch(/^Effort: high\./);
    const refused = await hearthErrorOf(() => ask({ effort: 'medium' }));
    expect(refused).toMatchObject({ code: 'badParams' });
    expect(refused.message).toContain('takes low, high, not "medium"');
  });

  test('that a template has no switch for changes nothing', async () => {
    await serve(goldenTemplate('thinking'));
    expect(await promptOf({ effort: 'low' })).toMatch(/^<\|im_start\|>system/);
  });

  test('of the last answer is that of what is read ahead', async () => {
    await serve(withEfforts);
    const files = [{ path: 'a.ts', uri: 'file:///a.ts', text: 'const value = 1;\n'.repeat(30) }];
    const batch = { workspace: 'w', name: 'w', removedPaths: [], skipped: [], final: true };
    await ask({ effort: 'low' });
    const { blockTokens } = session.ingest({ ...batch, reset: true, files });
    for (let turn = 0; turn < 300; turn++) await new Promise(resolve => setImmediate(resolve));
    const { stats } = await ask({ effort: 'low', workspace: 'w' });
    expect(stats.reusedTokens).toBeGreaterThan(blockTokens);
  });
});

test('a thought that fills the context is not ended: there is no room for its end', async () => {
  await serve(goldenTemplate('thinking'));
  const { promptTokens } = (await ask({ thinkingTokens: 2 })).stats;
  // A quarter is kept for the answer.
  const full = Math.ceil(promptTokens / 0.75);
  await serve(goldenTemplate('thinking'), { contextTokensMax: full });
  const cut = await ask({ thinkingTokens: full - promptTokens - tokensOf(closing) });
  expect(cut).toMatchObject({ finishReason: 'context', text: '' });
  expect(cut.stats.contextTokens).toBe(full);
});

test('a thought is closed as the template closes it, and after a line break that it ends with no other is written', async () => {
  const keeping =
    "{%- for m in messages %}{{ '<|im_start|>' + m.role + '\\n' }}" +
    "{%- if m.reasoning_content %}{{ '<think>\\n' + m.reasoning_content + '\\n\\n</think>\\n' }}{%- endif %}" +
    "{{ m.content + '<|im_end|>\\n' }}{%- endfor %}" +
    "{%- if add_generation_prompt %}{{ '<|im_start|>assistant\\n<think>\\n' }}{%- endif %}";
  const read = async (template: string | undefined, thinkingTokens: number): Promise<string> => {
    await serve(template);
    const ids: number[] = [];
    model.before = batch => void ids.push(...batch);
    const { stats } = await ask({ thinkingTokens });
    const answered = ids.slice(stats.promptTokens);
    return new TextDecoder().decode(
      Uint8Array.from(answered.flatMap(id => [...text.tokenizer.decodeBytes(id)])),
    );
  };
  const start = 'The user wants a';
  const tokens = tokensOf(start);
  expect(await read(goldenTemplate('thinking'), tokens)).toMatch(/^The user wants a\n<\/think>\n\n/);
  expect(await read(keeping, tokens)).toMatch(/^The user wants a\n\n<\/think>\n/);
  const whole = tokensOf(`${thought}\n`);
  expect(await read(goldenTemplate('thinking'), whole)).toBe(`${thought}\n</think>\n\n${answer}`);
});

test('a thought that the model opened by itself is ended, too', async () => {
  await serve(undefined);
  const plain = model;
  const [open, lineBreak] = text.tokenizer.encode('<think>\n', { special: true }) as [number, number];
  const [start] = text.tokenizer.encode('<|im_start|>', { special: true }) as [number];
  const opening = (ids: readonly number[]) => {
    const began = ids.lastIndexOf(open) > ids.lastIndexOf(start);
    if (!began && ids.at(-1) === lineBreak) return open;
    return ids.at(-1) === open ? lineBreak : undefined;
  };
  model = thinker(text, { thought, answer });
  const { next } = model as unknown as { next: (ids: readonly number[]) => number };
  Object.assign(model, { next: (ids: readonly number[]) => opening(ids) ?? next(ids) });
  session = new ClientSession(await hostServing(model, text));
  expect(plain).not.toBe(model);
  const cut = await ask({ thinkingTokens: 6 });
  expect(cut).toMatchObject({ text: answer, thoughtCut: 'budget' });
  expect(thought.startsWith(cut.thinking) && cut.thinking !== '').toBe(true);
});
