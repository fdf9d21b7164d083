// One GPU, one queue: runs jobs step by step. At every step border the most urgent job goes on, so a completion passes a
// running chat, which then resumes where it was. Jobs of one urgency run one after another.

export const urgency = { completion: 2, chat: 1, prewarm: 0 } as const;
export type Urgency = (typeof urgency)[keyof typeof urgency];

interface Job {
  readonly urgency: Urgency;
  /** Runs one step; true after the last one. Never rejects. */
  readonly step: () => Promise<boolean>;
  readonly signal: AbortSignal | undefined;
  /** The step under way, if any. */
  running: Promise<void> | undefined;
}

export class Scheduler {
  readonly #jobs: Job[] = [];
  #running = false;
  #idle: (() => void)[] = [];

  /**
   * Runs the steps to their end and gives the result; an error of a step rejects. When `signal` is aborted, a job that waits takes
   * its next step at once instead of when its turn comes: it is expected to look at the signal first and end.
   */
  run<T>(level: Urgency, steps: AsyncGenerator<void, T>, signal?: AbortSignal): Promise<T> {
    return new Promise((resolve, reject) => {
      const job: Job = {
        urgency: level,
        step: async () => {
          try {
            const { done, value } = await steps.next();
            if (done) resolve(value);
            return done === true;
          } catch (error) {
            reject(error instanceof Error ? error : new Error(String(error)));
            return true;
          }
        },
        signal,
        running: undefined,
      };
      this.#jobs.push(job);
      const leaveQueue = (): void => {
        if (this.#jobs.includes(job) && !job.running) void this.#step(job);
      };
      if (signal?.aborted) leaveQueue();
      else signal?.addEventListener('abort', leaveQueue, { once: true });
      void this.#loop();
    });
  }

  /** The same for work in one step: nothing else runs meanwhile. */
  runWhole<T>(level: Urgency, work: () => Promise<T>): Promise<T> {
    return this.run(
      level,
      (async function* (): AsyncGenerator<void, T> {
        return await work();
      })(),
    );
  }

  /** Resolves when no job is left. */
  drained(): Promise<void> {
    return this.#running ? new Promise(resolve => this.#idle.push(resolve)) : Promise.resolve();
  }

  #step(job: Job): Promise<void> {
    job.running = job.step().then(ended => {
      job.running = undefined;
      if (ended) this.#jobs.splice(this.#jobs.indexOf(job), 1);
    });
    return job.running;
  }

  async #loop(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    while (this.#jobs.length > 0) {
      // Lets messages in: a cancellation or a more urgent request that has arrived counts from the next step on.
      await new Promise(resolve => setImmediate(resolve));
      const waiting = this.#jobs.filter(({ running }) => !running);
      // What was interrupted in the middle of a step ends with this one, and gives back what others may wait for.
      const next =
        waiting.find(({ signal }) => signal?.aborted) ?? waiting.toSorted((a, b) => b.urgency - a.urgency)[0];
      if (next) await this.#step(next);
      else for (const { running } of [...this.#jobs]) await running;
    }
    this.#running = false;
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}
