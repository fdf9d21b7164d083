import { expect, test } from 'vitest';
import { acceptDrafts } from '../../../engine/kernels/accept_drafts.ts';
import { noPick } from '../../../engine/kernels/argmax_rows.ts';
import { acceptDrafts as reference } from '../../reference/accept_drafts.ts';
import { describeKernel, poisonWord } from '../../support/gpu_fixture.ts';

/** drafts, then picks; `before`: accepted of the step before. */
const cases = [
  { name: 'no drafts', first: 3, before: 0, drafts: [], picks: [7] },
  { name: 'no drafts, behind some that were right', first: 3, before: 2, drafts: [], picks: [7] },
  { name: 'all are right', first: 5, before: 0, drafts: [4, 5, 6], picks: [4, 5, 6, 9] },
  {
    name: 'the first is wrong, one behind it would be right',
    first: 0,
    before: 1,
    drafts: [4, 5],
    picks: [3, 5, 8],
  },
  {
    name: 'right up to the end of the ring, wrong behind it',
    first: 13,
    before: 2,
    drafts: [1, 2, 3, 4],
    picks: [1, 2, 0, 4, 5],
  },
  { name: 'nothing could be picked', first: 30, before: 0, drafts: [1], picks: [noPick, 2] },
];

describeKernel('accept_drafts', fixture => {
  test.each(cases)('counts what is right: $name', async ({ first, before, drafts, picks }) => {
    const f = fixture();
    const ring = Array.from({ length: 16 }, (_, i) => 100 + i);
    for (const [k, id] of drafts.entries()) ring[(first + before + k) % 16] = id;
    const [picksAt, keptAt] = [16, 24];
    const words = new Uint32Array(32).fill(poisonWord);
    words.set(ring);
    words.set(picks, picksAt);
    const ids = f.upload(words, 'ids');
    const accepted = f.upload(Uint32Array.of(before, 0, 0, 0), 'accepted');
    await f.run(list =>
      acceptDrafts(list, ids, accepted, { drafts: drafts.length, first, mask: 15, picksAt, keptAt }),
    );
    const want = reference(ring, first + before, picks);
    const after = new Uint32Array(32).fill(poisonWord);
    after.set(want.ring);
    after.set(picks, picksAt);
    after.set(want.drafts, keptAt);
    expect([...(await f.words(ids))]).toEqual([...after]);
    expect([...(await f.words(accepted))]).toEqual([want.accepted, 0, 0, 0]);
  });
});
