// The parts of @huggingface/hub that Hearth uses. Loaded only when first needed (hub.ts): the library does work while it
// loads, and the start of the editor must not wait for that.
export { listFiles, modelInfo } from '@huggingface/hub';
