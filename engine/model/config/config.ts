// The configuration of a checkpoint, checked, so that everything after may trust it. Single fields are read and
// checked in config_hf.ts and config_gguf.ts, relations between fields here.
import type { Checkpoint } from '../../checkpoint/checkpoint.ts';
import { errors } from '../../protocol/errors.ts';
import { phrase, type Phrase } from '../../protocol/phrase.ts';
import { sizeLimits } from './config_fields.ts';
import { readGgufConfig } from './config_gguf.ts';
import { readHfConfig } from './config_hf.ts';
import type { ModelConfig } from './config_types.ts';

export type { ModelConfig, RopeScaling } from './config_types.ts';

/**
 * Reads and checks the configuration. yarnFactor: stretches the context whatever the file says, 1 not at all (docs/MODEL.md 5.4).
 * Throws unsupportedArchitecture, badCheckpoint or missingTensor.
 */
export function readModelConfig(
  checkpoint: Checkpoint,
  { yarnFactor }: { yarnFactor?: number | undefined } = {},
): ModelConfig {
  const config = checkpoint.container === 'gguf' ? readGgufConfig(checkpoint) : readHfConfig(checkpoint);
  checkRelations(checkpoint.path, config);
  const { ropeScaling: stored, contextTokens } = config;
  const originalContext = stored?.originalContext ?? contextTokens;
  const ropeScaling =
    yarnFactor === undefined ? stored : { factor: yarnFactor, originalContext, ...yarnDefaults };
  if (!ropeScaling || yarnFactor === 1) {
    const { ropeScaling: _, ...plain } = config;
    return { ...plain, contextTokens: stored && yarnFactor === 1 ? originalContext : contextTokens };
  }
  const stretched = Math.min(Math.floor(originalContext * ropeScaling.factor), sizeLimits.contextTokens);
  return {
    ...config,
    ropeScaling,
    contextTokens: yarnFactor === undefined ? Math.max(contextTokens, stretched) : stretched,
  };
}

/** What the paper and all published configurations use. */
const yarnDefaults = { betaFast: 32, betaSlow: 1, truncate: true } as const;

function checkRelations(path: string, config: ModelConfig): void {
  const must = (holds: boolean, why: Phrase) => {
    if (!holds) throw errors.badCheckpoint(path, why);
  };
  const { headCount, kvHeadCount, linearKeyHeads, linearValueHeads, rotaryDim, headDim, moeLayers } = config;
  must(
    headCount % kvHeadCount === 0,
    phrase`${headCount} attention heads do not share ${kvHeadCount} key/value heads evenly`,
  );
  must(
    linearValueHeads % linearKeyHeads === 0,
    phrase`${linearValueHeads} linear value heads do not share ${linearKeyHeads} key heads evenly`,
  );
  must(rotaryDim % 2 === 0, phrase`the rotary width ${rotaryDim} is odd`);
  must(
    rotaryDim >= 2 && rotaryDim <= headDim,
    phrase`the rotary width ${rotaryDim} does not fit the head width ${headDim}`,
  );
  if (moeLayers.includes(true)) {
    const { expertCount, expertsPerToken, expertFf, sharedExpertFf } = config;
    must(expertCount >= 1, phrase`it has expert layers, but the number of experts is 0`);
    must(
      expertsPerToken >= 1 && expertsPerToken <= expertCount,
      phrase`${expertsPerToken} of ${expertCount} experts cannot be chosen per token`,
    );
    must(expertFf >= 1, phrase`the width of an expert is 0`);
    must(sharedExpertFf >= 1, phrase`the width of the shared expert is 0`);
  }
  if (moeLayers.includes(false)) must(config.denseFf >= 1, phrase`the width of its dense layers is 0`);
}
