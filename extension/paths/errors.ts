// Failures of links to files, each with its cause and what helps.
import { HearthError } from '../../engine/protocol/errors.ts';
import { phrase } from '../../engine/protocol/phrase.ts';

/** One factory per case. */
export const pathErrors = {
  notThere: (path: string) =>
    new HearthError(
      'badUsage',
      phrase`"${path}" is not in an open folder any more.`,
      phrase`It was moved, renamed or deleted, or its folder was closed. Look for it with Go to File.`,
    ),
};
