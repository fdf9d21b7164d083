// How fast the page is, beside a loop that is always the same: bounds scale with the loop's time, so that a slower machine gets more of
// it. Times are the processor's, so that what else the machine does counts for little.
import type { CDPSession, Page } from 'playwright-core';
import type { ToPanel } from '../../webview/protocol.ts';

/** What the loop took where the bounds were set: a core of two at 2.6 GHz, with nothing else running. */
export const calibrationMsWhereSet = 14;
const calibrations = 21;

/** A fixed piece of work of the kind that a page does, in milliseconds: the middle one of many. */
export async function calibrate(page: Page): Promise<number> {
  const { timesMs } = await tasksOf(page, () =>
    page.evaluate(async count => {
      const loop = (): void => {
        const counts = new Map<string, number>();
        for (let round = 0; round < 60; round++) {
          const words = Array.from({ length: 1000 }, (_, index) => `word${(index * 7919 + round) % 1009}`);
          for (const word of words)
            counts.set(word, (counts.get(word) ?? 0) + word.replace(/\d+/, '').length);
          if (words.join(' ').split(/[ \n]+/).length !== 1000) throw new Error('never');
        }
      };
      // Each in a task of its own.
      for (let done = 0; done < count; done++)
        await new Promise<void>(next =>
          setTimeout(() => {
            loop();
            next();
          }),
        );
    }, calibrations),
  );
  return timesMs.slice(0, calibrations)[(calibrations - 1) / 2] ?? NaN;
}

export interface PageTasks {
  /** The longest first. */
  timesMs: number[];
  totalMs: number;
}

/** The tasks of the page's main thread while `run` runs. */
export async function tasksOf(page: Page, run: () => Promise<void>): Promise<PageTasks> {
  const browser = page.context().browser();
  if (!browser) throw new Error('The page has no browser.');
  const session = await browser.newBrowserCDPSession();
  const events: TraceEvent[] = [];
  session.on('Tracing.dataCollected', ({ value }) => events.push(...(value as unknown as TraceEvent[])));
  const traceConfig = { includedCategories: ['toplevel'], excludedCategories: ['*'] };
  await session.send('Tracing.start', { transferMode: 'ReportEvents', traceConfig });
  try {
    await run();
  } finally {
    await endTracing(session);
  }
  const isMain = new Set(
    events
      .filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain')
      .map(({ pid, tid }) => `${pid}:${tid}`),
  );
  const tasks = events.filter(({ name, pid, tid }) => /RunTask$/.test(name) && isMain.has(`${pid}:${tid}`));
  if (tasks.length === 0) throw new Error('The trace has no tasks.');
  const timesMs = tasks.map(({ tdur, dur }) => (tdur ?? dur ?? 0) / 1000).sort((one, other) => other - one);
  return { timesMs, totalMs: timesMs.reduce((sum, time) => sum + time, 0) };
}

interface TraceEvent {
  name: string;
  pid: number;
  tid: number;
  args?: { name?: string };
  /** Microseconds of the processor, and of the clock. */
  tdur?: number;
  dur?: number;
}

async function endTracing(session: CDPSession): Promise<void> {
  const complete = new Promise(done => session.once('Tracing.tracingComplete', done));
  await session.send('Tracing.end');
  await complete;
  await session.detach();
}

/** Delivers messages, one a frame, until all of them are drawn. */
export function deliver(page: Page, messages: ToPanel[]): Promise<void> {
  return page.evaluate(async list => {
    const frame = (): Promise<number> => new Promise(done => requestAnimationFrame(done));
    for (const message of list) {
      window.record.deliver(message);
      await frame();
    }
    while (document.querySelector('#app[data-due], [data-working]')) await frame();
    await frame();
  }, messages);
}
