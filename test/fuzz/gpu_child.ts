// Models loaded all the way, on the software device. Memory is the graphics driver's here, and not bounded.
import { openGpu } from '../../engine/gpu/device.ts';
import { loadingKinds } from './kinds/loading.ts';
import { huggingFaceLoadingKinds } from './kinds/loading_hf.ts';
import { probeLoading } from './probe_loading.ts';
import { serve } from './serve.ts';

const gpu = await openGpu();
const kinds = { ...(await loadingKinds()), ...(await huggingFaceLoadingKinds()) };
serve(kinds, path => probeLoading(gpu, path), Infinity);
