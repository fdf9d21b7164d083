// Cases that need no GPU.
import { ggufKinds } from './kinds/gguf.ts';
import { huggingFaceKinds } from './kinds/hugging_face.ts';
import { templateKinds } from './kinds/template.ts';
import { probe } from './probe.ts';
import { serve } from './serve.ts';

const kinds = { ...(await ggufKinds()), ...(await huggingFaceKinds()), ...(await templateKinds()) };
serve(kinds, probe, 256 * 1024 * 1024);
