import { attentionDecodeShuffle } from '../../../engine/kernels/attention_decode_shuffle.ts';
import { attentionDecodeShuffle as reference } from '../../reference/attention_decode_shuffle.ts';
import { describeDecode } from '../../support/decode_cases.ts';
import { describeShuffleKernel } from '../../support/gpu_fixture.ts';

describeShuffleKernel('attention_decode_shuffle', fixture =>
  describeDecode(fixture, attentionDecodeShuffle, reference, 'shuffle'),
);
