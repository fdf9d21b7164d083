import { describe, expect, test } from 'vitest';
import { FrameGuard } from '../../../engine/protocol/frame_guard.ts';

const message = (body: string): string => `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

async function pass(pieces: string[], bytesMax = 100): Promise<string> {
  const guard = new FrameGuard(bytesMax);
  for (const piece of pieces) guard.write(piece);
  guard.end();
  let out = '';
  for await (const chunk of guard) out += String(chunk);
  return out;
}

describe('frame guard', () => {
  test('passes messages on unchanged however they are cut', async () => {
    const stream = `${message('{"a":1}')}Content-Type: x\r\n${message('{"b":"é"}')}`;
    for (let size = 1; size <= stream.length; size += 1) {
      const pieces = stream.match(new RegExp(`[\\s\\S]{1,${size}}`, 'g')) ?? [];
      expect(await pass(pieces)).toBe(stream);
    }
  });

  test.each([
    ['over the limit', 'Content-Length: 101\r\n\r\n'],
    ['lacks its length', 'Length: 10\r\n\r\n'],
    ['lacks its length', 'Content-Length: -4\r\n\r\n'],
    ['has no end', 'y'.repeat(2000)],
  ])('ends with an error that says: %s', async (fault, bytes) => {
    await expect(pass([message('{}'), bytes])).rejects.toThrow(fault);
  });
});
