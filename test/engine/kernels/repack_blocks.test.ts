import { expect, test } from 'vitest';
import { repackBlocks } from '../../../engine/kernels/repack_blocks.ts';
import { formatFacts } from '../../../engine/kernels/weight_matrix.ts';
import { repackBlocks as reference } from '../../reference/repack_blocks.ts';
import { blockSize } from '../../reference/weight_formats.ts';
import { describeKernel, poisonWord } from '../../support/gpu_fixture.ts';
import { Random } from '../../support/random.ts';
import { formatsToTest } from '../../support/weights.ts';

const calls = [
  { count: 1, first: 0 },
  { count: 4, first: 4 },
  { count: 13, first: 8 },
  { count: 127, first: 0 },
];
// More workgroups than one row of the dispatch holds, with 8 lanes and with 64.
const large = [
  { format: 'MXFP4' as const, count: 33_001, first: 4 },
  { format: 'Q4_1' as const, count: 66_001, first: 0 },
];

describeKernel('repack_blocks', (fixture, lanes) => {
  const blockTypes = formatsToTest(lanes, { everyDay: true }).filter(format => formatFacts(format).block);
  const cases = blockTypes.flatMap(format => calls.map(call => ({ format, ...call })));
  test.each([...cases, ...large])(
    'cuts $count $format blocks to place $first, bit for bit',
    async ({ format, count, first }) => {
      const f = fixture();
      const raw = new Random(count).bytes(count * blockSize(format).bytes);
      const words = new Uint32Array(Math.ceil(raw.length / 4) + 1);
      new Uint8Array(words.buffer).set(raw);
      const want = reference(format, raw).map(plane => new Uint32Array(plane.buffer));
      const planeStarts = formatFacts(format).planeBytes.map(bytes => (first * bytes) / 4);
      const planes = want.map((plane, i) => f.poisonedWords((planeStarts[i] as number) + plane.length + 2));
      await f.run(list =>
        repackBlocks(list, format, f.upload(words), planes, f.poisonedWords(4), { count, first }),
      );
      for (const [i, plane] of planes.entries()) {
        const before = new Uint32Array(planeStarts[i] as number).fill(poisonWord);
        const whole = Uint32Array.from([...before, ...(want[i] as Uint32Array), poisonWord, poisonWord]);
        const firstWrong = (await f.words(plane)).findIndex((word, at) => word !== whole[at]);
        expect(firstWrong, `first wrong word of plane ${i}`).toBe(-1);
      }
    },
  );
});
