// Stop strings across pieces, and whole characters from bytes.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { StopStrings } from '../../../engine/generate/stop.ts';
import { TextStream } from '../../../engine/generate/stream.ts';

/** Feeds pieces; gives what is shown in all and whether it stopped. */
function feed(strings: string[], pieces: string[]): { text: string; stopped: boolean } {
  const stops = new StopStrings(strings);
  let text = '';
  for (const piece of pieces) {
    const out = stops.push(piece);
    text += out.text;
    if (out.stopped) return { text, stopped: true };
  }
  return { text: text + stops.end(), stopped: false };
}

test('cutting text into pieces changes nothing', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: fc.constantFrom('a', 'b', '\n'), maxLength: 4 })),
      fc.constantFrom('ab', '\n', 'aab', 'b\na'),
      (pieces, stop) => {
        const whole = pieces.join('');
        const at = whole.indexOf(stop);
        expect(feed([stop], pieces)).toEqual({ text: at < 0 ? whole : whole.slice(0, at), stopped: at >= 0 });
      },
    ),
    { numRuns: 500 },
  );
});

test('cutting text into pieces changes nothing for several stop strings either', () => {
  const short = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(fc.array(short), fc.array(short, { maxLength: 4 }), (pieces, stops) => {
      const whole = pieces.join('');
      expect(feed(stops, pieces)).toEqual(feed(stops, [whole]));
      expect(feed(stops, pieces)).toEqual(feed(stops, [...whole]));
    }),
    { numRuns: 1000 },
  );
});

test('an empty stop string stops nothing', () => {
  expect(feed(['', 'x'], ['ab', 'c'])).toEqual({ text: 'abc', stopped: false });
});

test('the earliest of several stop strings counts', () => {
  expect(feed(['zz', 'b'], ['a', 'bz', 'z'])).toEqual({ text: 'a', stopped: true });
});

test('text is shown as soon as it cannot be a stop string', () => {
  expect(new StopStrings(['END']).push('hello E').text).toBe('hello ');
});

test('bytes of a character may come one by one', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), text => {
      const stream = new TextStream();
      let out = '';
      for (const byte of new TextEncoder().encode(text)) {
        const piece = stream.push(Uint8Array.of(byte));
        expect(piece).not.toContain('\ufffd');
        out += piece;
      }
      expect(out + stream.end()).toBe(text);
    }),
  );
});

test('an unfinished character at the end becomes a replacement character', () => {
  const stream = new TextStream();
  expect(stream.push(Uint8Array.of(0x41, 0xe2, 0x82))).toBe('A');
  expect(stream.end()).toBe('\ufffd');
});

test('bytes that are no text become replacement characters, however they are cut', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 6 }), { maxLength: 8 }), pieces => {
      const stream = new TextStream();
      const out = pieces.map(piece => stream.push(piece)).join('') + stream.end();
      const whole = Uint8Array.from(pieces.flatMap(piece => [...piece]));
      expect(out).toBe(new TextDecoder('utf-8', { ignoreBOM: true }).decode(whole));
    }),
    { numRuns: 500 },
  );
});

test('a byte order mark is text like any other', () => {
  const stream = new TextStream();
  expect(stream.push(new TextEncoder().encode('\ufeffa')) + stream.end()).toBe('\ufeffa');
});
