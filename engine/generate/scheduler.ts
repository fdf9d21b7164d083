// One GPU, one queue: runs jobs step by step. At every step border the most urgent job goes on, so a completion passes a
// running chat, which then resumes where it was. Jobs of one urgency run one after another.

export const urgency = { completion: 2, chat: 1, prewarm: 0 } as const;
export type Urgency = (typeof urgency)[keyof typeof urgency];

interface Job {
  urgency(): Urgency;
  step(): Promise<boolean>;
}

export class Scheduler {
  #jobs: Job[] = [];
  #running = false;
  #idle: (() => void)[] = [];

  /**
   * Runs the steps to their end and gives the result; an error of a step rejects. An urgency given as a function is asked
   * before every step: a job that others wait for can be let through to its end.
   */
  run<T>(level: Urgency | (() => Urgency), steps: AsyncGenerator<void, T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#jobs.push({
        urgency: typeof level === 'function' ? level : () => level,
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
      });
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

  async #loop(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    while (this.#jobs.length > 0) {
      // Lets messages in: a cancellation or a more urgent request that has arrived counts from the next step on.
      await new Promise(resolve => setImmediate(resolve));
      const level = Math.max(...this.#jobs.map(job => job.urgency()));
      const job = this.#jobs.find(candidate => candidate.urgency() === level) as Job;
      if (await job.step()) this.#jobs.splice(this.#jobs.indexOf(job), 1);
    }
    this.#running = false;
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}
