// Reference of attention_shuffle: the attention of attention_prefill; only who loads what differs.
export { attentionPrefill as attentionShuffle } from './attention_prefill.ts';
