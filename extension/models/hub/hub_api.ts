// The parts of @huggingface/hub that Hearth uses. Loaded when they are first needed (hub.ts), because the library does work
// while it is loaded, for which starting the editor must not wait.
export { listFiles, modelInfo } from '@huggingface/hub';
