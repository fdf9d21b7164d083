// Catches the HearthError a piece of work must end with.
import { HearthError } from '../../engine/protocol/errors.ts';

/** The error, of any other kind rethrown; a test that gets a result instead fails. */
export async function hearthErrorOf(work: () => unknown): Promise<HearthError> {
  try {
    await work();
  } catch (error) {
    if (error instanceof HearthError) return error;
    throw error;
  }
  throw new Error('expected a HearthError, but the work succeeded');
}
