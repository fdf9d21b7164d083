// Where the device has no subgroups of 8 lanes, the kernel that stands in for it there is tested instead.
import { attentionDecode } from '../../../engine/kernels/attention_decode.ts';
import { attentionDecodeShuffle } from '../../../engine/kernels/attention_decode_shuffle.ts';
import { hasShuffle } from '../../../engine/kernels/launch.ts';
import { attentionDecodeShuffle as reference } from '../../reference/attention_decode_shuffle.ts';
import { describeDecode } from '../../support/decode_cases.ts';
import { describeSoftwareKernel } from '../../support/gpu_fixture.ts';

describeSoftwareKernel('attention_decode_shuffle', fixture =>
  describeDecode(
    fixture,
    (list, ...rest) => (hasShuffle(list.gpu) ? attentionDecodeShuffle : attentionDecode)(list, ...rest),
    reference,
  ),
);
