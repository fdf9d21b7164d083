import { expect, test } from 'vitest';
import { errors, fromWire, HearthError, toWire } from '../../../engine/protocol/errors.ts';
import { phrase } from '../../../engine/protocol/phrase.ts';

test('an error crosses the wire with its code, its text and the values in it', () => {
  const sent = errors.badCheckpoint('/a.gguf', phrase`it ends at byte ${10}`);
  const wire = JSON.parse(JSON.stringify(toWire(sent).toJson())) as { message: string };
  expect(wire.message).toBe('/a.gguf is not a usable model file: it ends at byte 10.');
  const got = fromWire(toWire(sent));
  expect([got.code, got.message, got.remedy]).toEqual([sent.code, sent.message, sent.remedy]);
  expect(got.phrases).toEqual(sent.phrases);
});

test('anything else becomes an internal error', () => {
  expect(fromWire(toWire(new TypeError('oh'))).phrases.message.values).toEqual(['oh']);
  expect(fromWire({ code: 1, message: 'not ours' }).code).toBe('internal');
});

test('a cause may be an error of ours, a phrase, or whatever was thrown', () => {
  const valueOf = (cause: unknown) => errors.fileUnreadable('/a', cause).phrases.message.values[1];
  expect(valueOf(errors.noModel())).toEqual(phrase`No model is loaded.`);
  expect(valueOf(phrase`it is gone`)).toEqual(phrase`it is gone`);
  expect(valueOf(new Error('EACCES'))).toBe('EACCES');
  expect(new HearthError('badUsage', phrase`Why.`).remedy).toBe('');
});
