// Catches the EngineError a piece of work must end with.
import { EngineError } from '../../engine/protocol/errors.ts';

/** The error, of any other kind rethrown; a test that gets a result instead fails. */
export async function engineErrorOf(work: () => unknown): Promise<EngineError> {
  try {
    await work();
  } catch (error) {
    if (error instanceof EngineError) return error;
    throw error;
  }
  throw new Error('expected an EngineError, but the work succeeded');
}
