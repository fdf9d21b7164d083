// Reference of attention_decode_team: that of attention_decode.
export { attentionDecode as attentionDecodeTeam } from './attention_decode.ts';
