// Failures of links to symbols, each with its cause and what helps.
import { HearthError } from '../../engine/protocol/errors.ts';
import { phrase } from '../../engine/protocol/phrase.ts';

/** One factory per case. */
export const symbolErrors = {
  notThere: (name: string) =>
    new HearthError(
      'badUsage',
      phrase`"${name}" is not defined in the workspace any more, or the engine does not run.`,
      phrase`Look for it with Go to Symbol in Workspace, or ask a question about the workspace, which starts the engine.`,
    ),
};
