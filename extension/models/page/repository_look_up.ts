// The question about any repository of the hub that the page asked last, and its answer.
import { errors } from '../../../engine/protocol/errors.ts';
import { phrase } from '../../../engine/protocol/phrase.ts';
import type { Disposable } from '../../dispose.ts';
import type { KnownDevice } from '../../known_device.ts';
import type { ModelLibrary } from '../library.ts';
import { problemOf } from '../transfer/problem.ts';
import { choiceLabel } from './look_up_view.ts';
import type { LookUp } from './view_source.ts';

export class RepositoryLookUp implements Disposable {
  #now: LookUp = { reference: '', state: 'idle' };
  #asking = new AbortController();

  constructor(
    private readonly library: Pick<ModelLibrary, 'lookUp' | 'download'>,
    private readonly changed: () => void,
  ) {}

  get now(): LookUp {
    return this.#now;
  }

  /** Asks the hub. A question that is still open is given up: only the answer to the last one is shown. */
  async ask(reference: string, device: KnownDevice | undefined): Promise<void> {
    this.#asking.abort();
    this.#asking = new AbortController();
    const { signal } = this.#asking;
    this.#set({ reference, state: 'asking' });
    let answer: LookUp;
    try {
      answer = { reference, state: 'found', facts: await this.library.lookUp(reference, device, signal) };
    } catch (error) {
      answer = { reference, state: 'failed', problem: problemOf(error) };
    }
    if (!signal.aborted) this.#set(answer);
  }

  /** Fetches one of the choices that are shown. Throws badUsage when they are not shown any more. */
  async download(label: string): Promise<void> {
    const { facts } = this.#now;
    const choice = facts?.choices.find(one => choiceLabel(one, facts) === label);
    if (!facts || !choice)
      throw errors.badUsage(phrase`This repository is not shown any more: ask for it again.`);
    const { repository, revision } = facts;
    const files = choice.files.map(({ name }) => name);
    await this.library.download({ kind: 'repository', repository, revision, files, label: choice.label });
  }

  dispose(): void {
    this.#asking.abort();
  }

  #set(now: LookUp): void {
    this.#now = now;
    this.changed();
  }
}
