import { attentionMergeWide } from '../../../engine/kernels/attention_merge_wide.ts';
import { splitRowsMax } from '../../../engine/kernels/decode_plan.ts';
import { attentionMergeWide as reference } from '../../reference/attention_merge_wide.ts';
import { describeKernel } from '../../support/gpu_fixture.ts';
import { describeMerge } from '../../support/merge_cases.ts';

const tops = Array.from({ length: splitRowsMax }, (_, s) => (s * 7) % 13);
const more = [
  { name: 'the most splits there are', count: 1, heads: 1, dim: 36, tops },
  { name: 'more splits than lanes', count: 2, heads: 3, dim: 4, tops: tops.slice(0, 129) },
];

describeKernel('attention_merge_wide', fixture =>
  describeMerge(fixture, attentionMergeWide, reference, more),
);
