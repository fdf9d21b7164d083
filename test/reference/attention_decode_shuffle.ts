// Reference of attention_decode_shuffle: the splits of attention_decode; only who loads what differs.
export { attentionDecode as attentionDecodeShuffle } from './attention_decode.ts';
