// Cases that go wrong on purpose, to see that each way of going wrong is found.
import { truncateSync, writeFileSync } from 'node:fs';
import fc, { type Arbitrary } from 'fast-check';
import { textFile, type FuzzCase } from '../case.ts';
import { errors } from '../../../engine/protocol/errors.ts';
import { phrase } from '../../../engine/protocol/phrase.ts';
import { checkNamed } from '../probe.ts';

interface FaultyKind {
  cases: Arbitrary<FuzzCase>;
  run: (path: string) => Promise<string[]>;
  /** Instead of what other cases may take. */
  cpuMsMax?: number;
}

const cases = fc.nat(1000).map((n): FuzzCase => ({ path: 'n.txt', files: { 'n.txt': textFile(String(n)) } }));

const faulty = (run: () => unknown): FaultyKind => ({ cases, run: async () => [String(await run())] });

/** Works for so long. */
function spin(ms: number): void {
  for (let before = process.cpuUsage(), spent = 0; spent < ms * 1000;) {
    const { user, system } = process.cpuUsage(before);
    spent = user + system;
  }
}
let warm = false;

export const faultyKinds: Record<string, FaultyKind> = {
  'no fault': faulty(() => 'ok'),
  'a raw error': faulty(() => JSON.parse('{')),
  'an unnamed error': faulty(() => checkNamed(errors.internal(new Error('surprise')))),
  'a slip with a name': faulty(() =>
    checkNamed(errors.badCheckpoint('x', phrase`Cannot read properties of undefined (reading 'y')`)),
  ),
  'no end': faulty(() => {
    for (;;);
  }),
  'too much heap': faulty(() => {
    const held: number[][] = [];
    // In large pieces: with many small ones, most of the time goes into collecting garbage.
    for (;;) held.push(new Array<number>(1e6).fill(0.5));
  }),
  'too much memory': faulty(() => new Uint8Array(400e6).fill(1).length),
  'too much time': { ...faulty(() => spin(120)), cpuMsMax: 100 },
  'slow at first': {
    ...faulty(() => {
      if (!warm) spin(120);
      warm = true;
      return 'ok';
    }),
    cpuMsMax: 100,
  },
  'a hole': {
    cases,
    run: async path => {
      writeFileSync(`${path}.hole`, '');
      truncateSync(`${path}.hole`, 2 ** 34);
      throw new Error('the hole is there');
    },
  },
  'an abort': faulty(() => process.abort()),
};
