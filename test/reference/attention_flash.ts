// Reference of attention_flash: the attention of attention_prefill; only who loads what differs.
export { attentionPrefill as attentionFlash } from './attention_prefill.ts';
