// One queue: urgent jobs pass at step borders, the others go on unharmed.
import { expect, test } from 'vitest';
import { Scheduler, urgency } from '../../../engine/generate/scheduler.ts';

async function* steps(log: string[], name: string, count: number): AsyncGenerator<void, string> {
  for (let i = 1; i <= count; i++) {
    log.push(`${name}${i}`);
    yield;
  }
  return name;
}

test('a completion passes a running chat at the next step, and the chat resumes', async () => {
  const log: string[] = [];
  const scheduler = new Scheduler();
  let completion: Promise<string> | undefined;
  async function* chat(): AsyncGenerator<void, string> {
    for (let i = 1; i <= 4; i++) {
      log.push(`chat${i}`);
      if (i === 2) completion = scheduler.run(urgency.completion, steps(log, 'c', 2));
      yield;
    }
    return 'chat';
  }
  expect(await scheduler.run(urgency.chat, chat())).toBe('chat');
  expect(await completion).toBe('c');
  expect(log).toEqual(['chat1', 'chat2', 'c1', 'c2', 'chat3', 'chat4']);
});

test('jobs of one urgency run one after another, in order', async () => {
  const log: string[] = [];
  const scheduler = new Scheduler();
  await Promise.all([
    scheduler.run(urgency.chat, steps(log, 'a', 2)),
    scheduler.run(urgency.chat, steps(log, 'b', 2)),
    scheduler.run(urgency.prewarm, steps(log, 'p', 1)),
  ]);
  expect(log).toEqual(['a1', 'a2', 'b1', 'b2', 'p1']);
});

test('an error rejects its job only', async () => {
  const log: string[] = [];
  const scheduler = new Scheduler();

  async function* failing(): AsyncGenerator<void, string> {
    throw new Error('broken');
  }
  const failed = scheduler.run(urgency.chat, failing());
  const fine = scheduler.run(urgency.chat, steps(log, 'a', 1));
  await expect(failed).rejects.toThrow('broken');
  expect(await fine).toBe('a');
  await scheduler.drained();
});
