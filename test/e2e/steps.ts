// Runs the steps of a drive one after another, tells how each went, and keeps a picture of each failure.
import type { Page } from 'playwright-core';
import type { Counts } from './run.ts';

export class Steps {
  readonly counts = { passed: 0, failed: 0, failures: [] as string[] } satisfies Counts;
  readonly #startMs = Date.now();
  readonly #page: Page;
  readonly #shots: string;

  constructor(page: Page, shots: string) {
    this.#page = page;
    this.#shots = shots;
  }

  /** One thing a person does and sees. Later steps run even when it fails. */
  async step(name: string, body: () => Promise<void>): Promise<void> {
    try {
      await body();
      this.counts.passed += 1;
      this.#say(`ok    ${name}`);
    } catch (error) {
      this.counts.failed += 1;
      const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.counts.failures.push(`${name}: ${message.split('\n', 1)[0]}`);
      this.#say(`FAILED ${name}\n${message.split('\n').slice(0, 12).join('\n')}`);
      await this.#page
        .screenshot({ path: `${this.#shots}/failed_${this.counts.failed}.png` })
        .catch((cause: unknown) => this.#say(`no picture: ${String(cause)}`));
    }
  }

  #say(text: string): void {
    process.stdout.write(`${((Date.now() - this.#startMs) / 1000).toFixed(1).padStart(6)} s  ${text}\n`);
  }
}
