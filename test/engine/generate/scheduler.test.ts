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

/** Ends as soon as it is interrupted; each step lasts until `release` is called. */
function interruptible(log: string[], name: string, signal: AbortSignal) {
  const releases: (() => void)[] = [];
  async function* run(): AsyncGenerator<void, string> {
    for (let i = 1; !signal.aborted; i++) {
      log.push(`${name}${i}`);
      await new Promise<void>(resolve => releases.push(resolve));
      yield;
    }
    return `${name} ended`;
  }
  return { run, release: () => releases.shift()?.() };
}

test('a job that is interrupted while it waits leaves the queue at once, though another is in the middle of a step', async () => {
  const log: string[] = [];
  const scheduler = new Scheduler();
  const never = new AbortController();
  const long = interruptible(log, 'long', never.signal);
  const first = scheduler.run(urgency.chat, long.run(), never.signal);
  const abort = new AbortController();
  const second = scheduler.run(urgency.chat, interruptible(log, 'x', abort.signal).run(), abort.signal);
  await expect.poll(() => log).toEqual(['long1']);
  abort.abort();
  expect(await second).toBe('x ended');
  expect(log).toEqual(['long1']);
  const before = new AbortController();
  before.abort();
  const third = scheduler.run(urgency.chat, interruptible(log, 'y', before.signal).run(), before.signal);
  expect(await third).toBe('y ended');
  never.abort();
  long.release();
  expect(await first).toBe('long ended');
  await scheduler.drained();
});

test('a job that is interrupted in the middle of a step ends before more urgent ones go on', async () => {
  const log: string[] = [];
  const scheduler = new Scheduler();
  const abort = new AbortController();
  const reading = interruptible(log, 'reading', abort.signal);
  const first = scheduler.run(urgency.prewarm, reading.run(), abort.signal).then(() => log.push('ended'));
  await expect.poll(() => log).toEqual(['reading1']);
  const second = scheduler.run(urgency.completion, steps(log, 'c', 1));
  abort.abort();
  reading.release();
  await first;
  await second;
  expect(log).toEqual(['reading1', 'ended', 'c1']);
});
