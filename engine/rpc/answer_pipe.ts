// The pipe that the engine's messages go out by: a file descriptor that whoever starts `serve` has to open.
import { Socket } from 'node:net';
import { errors } from '../protocol/errors.ts';
import { phrase } from '../protocol/phrase.ts';
import { answersFd } from '../protocol/pipes.ts';

/** The pipe at `answersFd`, for writing only. Throws badUsage when there is none. */
export function openAnswerPipe(): Socket {
  try {
    return new Socket({ fd: answersFd, readable: false, writable: true });
  } catch (cause) {
    throw errors.badUsage(
      phrase`"serve" writes its messages to file descriptor ${answersFd}, which is no pipe: ${String(cause)}`,
    );
  }
}
