// Whether the model in force thinks before it answers, and how much, as the user chose beside the input. The choice is kept with the
// workspace; another workspace begins with the last one. Knows neither the editor nor the page.
import * as z from 'zod';
import { Emitter, type Event } from 'vscode-jsonrpc/node';
import type { ThinkingFacts } from '../../engine/protocol/lifecycle.ts';
import type { ThinkingView } from '../../webview/protocol.ts';
import type { Disposable } from '../dispose.ts';
import type { EngineSupervisor } from '../link/supervisor.ts';
import type { StoredValue } from '../stored_value.ts';
import type { ChatSettings } from './session.ts';

/** What is kept: the choice, and what the model that was loaded last can do, so that it can be chosen before it is loaded again. */
const kept = z.object({
  think: z.boolean().optional(),
  effort: z.string().optional(),
  model: z.string().optional(),
  facts: z
    .object({
      mode: z.enum(['never', 'always', 'choice']),
      byDefault: z.boolean(),
      efforts: z.array(z.string()),
      defaultEffort: z.string().optional(),
    })
    .optional() satisfies z.ZodType<ThinkingFacts | undefined>,
});

export interface ThinkingChoiceDeps {
  engine: Pick<EngineSupervisor, 'state' | 'modelName' | 'onDidChangeState'>;
  stored: StoredValue;
  /** What the settings say, where nothing was chosen. */
  think(): boolean | undefined;
  warn(message: string): void;
}

export class ThinkingChoice implements Disposable {
  readonly #changed = new Emitter<void>();
  readonly #subscription: Disposable;
  #kept: z.output<typeof kept>;

  constructor(private readonly deps: ThinkingChoiceDeps) {
    const stored = kept.safeParse(deps.stored.get());
    this.#kept = stored.success ? stored.data : {};
    this.#subscription = deps.engine.onDidChangeState(state => {
      if (state.kind === 'ready') this.#keep({ facts: state.model.thinking, model: deps.engine.modelName });
    });
  }

  /** Something else is shown. */
  get onDidChange(): Event<void> {
    return this.#changed.event;
  }

  /** What can be chosen, and what is; undefined where the model leaves no choice, or was never loaded. */
  get view(): ThinkingView | undefined {
    const facts = this.#facts;
    if (!facts || (facts.mode !== 'choice' && facts.efforts.length === 0)) return undefined;
    const { think, effort } = this.asked;
    return {
      canSwitch: facts.mode === 'choice',
      think: facts.mode === 'choice' ? (think ?? facts.byDefault) : facts.mode === 'always',
      efforts: facts.efforts,
      effort: effort ?? facts.defaultEffort,
    };
  }

  /** How the model is asked to think; a choice that it does not know is left out. */
  get asked(): Pick<ChatSettings, 'think' | 'effort'> {
    const { think = this.deps.think(), effort } = this.#kept;
    const isKnown = effort !== undefined && this.#facts?.efforts.includes(effort) === true;
    return { think, effort: isKnown ? effort : undefined };
  }

  /** Keeps what the user has chosen. */
  choose({ think, effort }: { think?: boolean; effort?: string }): void {
    this.#keep({ ...(think !== undefined && { think }), ...(effort !== undefined && { effort }) });
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#changed.dispose();
  }

  get #facts(): ThinkingFacts | undefined {
    const { model, facts } = this.#kept;
    return model === this.deps.engine.modelName ? facts : undefined;
  }

  #keep(change: z.output<typeof kept>): void {
    const now = { ...this.#kept, ...change };
    if (JSON.stringify(now) === JSON.stringify(this.#kept)) return;
    this.#kept = now;
    this.deps.stored
      .set(now)
      .catch((error: unknown) =>
        this.deps.warn(`The choice of thinking could not be kept: ${String(error)}`),
      );
    this.#changed.fire();
  }
}
