// Reference of attention_merge_wide: that of attention_merge.
export { attentionMerge as attentionMergeWide } from './attention_merge.ts';
