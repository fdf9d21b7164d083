// How long messages and texts are, told by the model in force, and only while one is ready: nothing is started to count.
import { CancellationToken } from 'vscode-jsonrpc/node';
import type { MeasureParams, MeasureResult } from '../../engine/protocol/measure.ts';
import type { EngineClient } from '../link/client.ts';
import type { EngineState } from '../link/engine_state.ts';
import { TokenCounts } from './token_counts.ts';

/** A question as it would be sent. */
export interface Measured extends Omit<MeasureParams, 'workspace'> {
  useWorkspace: boolean;
}
export interface Gauge {
  /** Undefined while no model is ready. Files of the workspace count once the engine knows them. */
  measure(what: Measured): Promise<MeasureResult | undefined>;
  /** A guess for a text that was not counted yet. */
  tokensOf(text: string): number;
}
export interface GaugeDeps {
  engine: {
    readonly state: Pick<EngineState, 'kind'>;
    whenReady(
      token: CancellationToken,
      options: { retryFailed: boolean },
    ): Promise<{ client: Pick<EngineClient, 'measureChat' | 'countTokens'>; process: number } | undefined>;
  };
  workspace: {
    /** The workspace by the name that this process of the engine knows; undefined when it knows none. */
    knownTo(process: number): string | undefined;
  };
}

/** Makes the gauge, and the counts that it keeps. */
export function createGauge({ engine, workspace }: GaugeDeps): { gauge: Gauge; counts: TokenCounts } {
  const ready = async () =>
    engine.state.kind === 'ready'
      ? engine.whenReady(CancellationToken.None, { retryFailed: false })
      : undefined;
  const counts = new TokenCounts(async text => {
    const tokens = await (await ready())?.client.countTokens([text]);
    return tokens?.[0];
  });
  const gauge: Gauge = {
    measure: async ({ useWorkspace, ...params }) => {
      const running = await ready();
      return running?.client.measureChat({
        ...params,
        workspace: useWorkspace ? workspace.knownTo(running.process) : undefined,
      });
    },
    tokensOf: text => counts.of(text).tokens,
  };
  return { gauge, counts };
}
