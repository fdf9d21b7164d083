import { attentionMerge } from '../../../engine/kernels/attention_merge.ts';
import { attentionMerge as reference } from '../../reference/attention_merge.ts';
import { describeKernel } from '../../support/gpu_fixture.ts';
import { describeMerge } from '../../support/merge_cases.ts';

describeKernel('attention_merge', fixture => describeMerge(fixture, attentionMerge, reference));
