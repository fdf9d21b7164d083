import { attentionDecode } from '../../../engine/kernels/attention_decode.ts';
import { attentionDecode as reference } from '../../reference/attention_decode.ts';
import { describeDecode } from '../../support/decode_cases.ts';
import { describeKernel } from '../../support/gpu_fixture.ts';

describeKernel('attention_decode', (fixture, { software }) =>
  describeDecode(fixture, attentionDecode, reference, software ? 'software' : 'gpu'),
);
