// Reference of attention_team: that of attention_prefill.
export { attentionPrefill as attentionTeam } from './attention_prefill.ts';
