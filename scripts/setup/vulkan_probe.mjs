// Exits with 0 when Dawn finds an adapter that runs something. Started by setup/vulkan.mjs in a process of its own.
import { create } from 'webgpu';

const gpu = create([]);
const adapter = await gpu.requestAdapter();
process.exit(adapter && !/null/i.test(adapter.info.architecture) ? 0 : 1);
