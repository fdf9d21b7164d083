import { describe, expect, test } from 'vitest';
import { capTurns, restoreChat } from '../../../extension/chat/saved_chat.ts';
import type { Turn } from '../../../webview/protocol.ts';

const user = (id: string, text = 'q'): Turn => ({ id, role: 'user', text, useWorkspace: false });
const answer = (
  id: string,
  status: Extract<Turn, { role: 'assistant' }>['status'] = 'done',
  text = 'a',
): Turn => ({
  id,
  role: 'assistant',
  text,
  status,
  sources: [],
  leftOut: [],
});

describe('kept conversation', () => {
  test('comes back as it was', () => {
    // An answer of one token has no speed.
    const stats = { generatedTokens: 1, promptTokens: 2, reusedTokens: 0, firstTokenMs: 3 };
    const cut = { ...answer('6'), cut: 'repetition' as const };
    const turns = [user('1'), answer('2'), user('3'), { ...answer('4'), stats }, user('5'), cut];
    const chat = { conversationId: 'c', useWorkspace: true, turns };
    expect(restoreChat(JSON.parse(JSON.stringify(chat)))).toEqual(chat);
  });

  test.each([
    undefined,
    null,
    'x',
    {},
    { conversationId: 'c', useWorkspace: true, turns: [{ role: 'robot' }] },
  ])('is none when damaged: %j', value => {
    expect(restoreChat(value)).toBeUndefined();
  });

  test.each(['waiting', 'reading', 'streaming'] as const)(
    'counts an answer that was %s as stopped',
    status => {
      const restored = restoreChat({
        conversationId: 'c',
        useWorkspace: false,
        turns: [user('1'), answer('2', status, 'part')],
      });
      expect(restored?.turns[1]).toMatchObject({ status: 'stopped', text: 'part' });
    },
  );

  test('counts a thought that was cut short as ended, and keeps it', () => {
    const thinking = { text: 'hm', startedAt: 5 };
    const turns = [user('1'), { ...answer('2', 'streaming', ''), thinking }];
    const restored = restoreChat({ conversationId: 'c', useWorkspace: false, turns });
    expect(restored?.turns[1]).toMatchObject({ status: 'stopped', thinking: { ...thinking, tookMs: 0 } });
  });

  test('drops the oldest thoughts when there are too many, and keeps their answers', () => {
    const long = { text: 'x'.repeat(100_000), startedAt: 5, tookMs: 1 };
    const turns = ['2', '4', '6'].flatMap(id => [user(`q${id}`), { ...answer(id), thinking: long }]);
    const kept = capTurns(turns).filter(turn => turn.role === 'assistant');
    expect(kept.map(turn => turn.text)).toEqual(['a', 'a', 'a']);
    expect(kept.map(turn => turn.thinking?.text.length)).toEqual([undefined, 100_000, 100_000]);
  });

  test('drops the oldest turns when there are too many, and begins with a question', () => {
    const turns = Array.from({ length: 301 }, (_, index) =>
      index % 2 === 0 ? user(`${index}`) : answer(`${index}`),
    );
    const kept = capTurns(turns);
    expect(kept.length).toBeLessThanOrEqual(200);
    expect(kept[0]?.role).toBe('user');
    expect(kept.at(-1)?.id).toBe('300');
  });

  test('drops the oldest turns when they are too long', () => {
    const kept = capTurns([
      user('1', 'x'.repeat(400_000)),
      answer('2'),
      user('3', 'x'.repeat(200_000)),
      answer('4'),
    ]);
    expect(kept.map(turn => turn.id)).toEqual(['3', '4']);
  });
});
