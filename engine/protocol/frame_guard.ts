// Stands before the JSON-RPC reader: passes bytes on unchanged, but ends the stream with an error at a header that is
// not one, or at a message larger than allowed. Without it a runaway peer could make the host buffer without end.
import { Transform, type TransformCallback } from 'node:stream';

const headerEnd = Buffer.from('\r\n\r\n');
const headerBytesMax = 1024;

/** A transform that follows the framing `Content-Length: N`. */
export class FrameGuard extends Transform {
  #header = Buffer.alloc(0);
  #bodyBytesLeft = 0;

  constructor(private readonly messageBytesMax: number) {
    super();
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    const fault = this.#follow(chunk);
    if (fault) done(new Error(fault));
    else done(null, chunk);
  }

  /** Walks over the chunk; a text names what is wrong with it. */
  #follow(chunk: Buffer): string | undefined {
    let rest = chunk;
    while (rest.length > 0) {
      const bodyBytes = Math.min(this.#bodyBytesLeft, rest.length);
      this.#bodyBytesLeft -= bodyBytes;
      rest = rest.subarray(bodyBytes);
      if (rest.length === 0) return undefined;

      const known = this.#header.length;
      this.#header = Buffer.concat([this.#header, rest.subarray(0, headerBytesMax)]);
      const end = this.#header.indexOf(headerEnd);
      if (end < 0) {
        if (this.#header.length >= headerBytesMax) return 'a message header has no end';
        return undefined;
      }
      const length = /^Content-Length: *(\d{1,15})\r?$/im.exec(this.#header.toString('latin1', 0, end))?.[1];
      if (length === undefined) return 'a message header lacks its length';
      if (Number(length) > this.messageBytesMax)
        return `a message of ${length} bytes is over the limit of ${this.messageBytesMax}`;
      this.#bodyBytesLeft = Number(length);
      rest = rest.subarray(end + headerEnd.length - known);
      this.#header = Buffer.alloc(0);
    }
    return undefined;
  }
}
