// `bench --load`: how fast a model arrives on the device, and what that takes of the host's memory.
import { readFile } from 'node:fs/promises';
import { openCheckpoint } from '../checkpoint/open_checkpoint.ts';
import { loadModel } from '../model/load.ts';
import { median } from './bench.ts';
import { withGpu, type ModelLoading } from './with_model.ts';

export interface LoadBenchResult {
  device: string;
  model: string;
  quantization: string;
  runs: number;
  /** Opening the file to the first batch, median. */
  load_ms: number;
  /** Of that: reading header and configuration; bringing weights; what is compiled and tried after the last of them. */
  open_ms: number;
  upload_ms: number;
  compile_ms: number;
  /** Bytes of weights as they are stored, and a second of bringing them. */
  load_bytes: number;
  load_bytes_per_second: number;
  device_bytes: number;
  /** Largest size of the process so far; where the device is the processor, its memory is in it. Null where it cannot be told. */
  process_peak_bytes: number | null;
}

/** Loads the model `runs` times, the first one with compiled shaders to make, and prints medians; as lines or as JSON. */
export async function runLoadBench({
  model: path,
  load: { device, ...load },
  runs,
  json,
}: {
  model: string;
  load: ModelLoading;
  runs: number;
  json: boolean;
}): Promise<void> {
  const times: { open: number; upload: number; compile: number; all: number }[] = [];
  const result = await withGpu(device, async gpu => {
    let facts = { quantization: '', bytes: 0, device: 0 };
    for (let run = 0; run < runs; run++) {
      const started = performance.now();
      const checkpoint = await openCheckpoint(path);
      try {
        let uploading: number | undefined;
        let compiling = 0;
        let bytes = 0;
        const model = await loadModel(gpu, checkpoint, {
          ...load,
          mtp: true,
          onProgress: ({ stage, totalBytes }) => {
            uploading ??= performance.now();
            bytes = totalBytes;
            if (stage === 'compiling') compiling = performance.now();
          },
        });
        const ended = performance.now();
        const begun = uploading ?? ended;
        times.push({
          open: begun - started,
          upload: compiling - begun,
          compile: ended - compiling,
          all: ended - started,
        });
        facts = { quantization: model.facts.quantization, bytes, device: gpu.buffers.liveBytes };
        model.dispose();
        await gpu.idle();
      } finally {
        await checkpoint.close();
      }
    }
    const of = (part: keyof (typeof times)[number]): number => median(times.map(time => time[part]));
    return {
      device: gpu.facts.name,
      model: path,
      quantization: facts.quantization,
      runs,
      load_ms: of('all'),
      open_ms: of('open'),
      upload_ms: of('upload'),
      compile_ms: of('compile'),
      load_bytes: facts.bytes,
      load_bytes_per_second: (facts.bytes * 1000) / of('upload'),
      device_bytes: facts.device,
      process_peak_bytes: await peakBytes(),
    } satisfies LoadBenchResult;
  });
  if (json) process.stdout.write(`${JSON.stringify(result)}\n`);
  else
    for (const [name, value] of Object.entries(result))
      process.stdout.write(
        `${name.padEnd(24)} ${typeof value === 'number' ? +value.toFixed(2) : String(value)}\n`,
      );
}

/** The most memory this process ever held, where the system tells. */
async function peakBytes(): Promise<number | null> {
  if (process.platform !== 'linux') return null;
  const kilobytes = /^VmHWM:\s*(\d+) kB/m.exec(await readFile('/proc/self/status', 'utf8'))?.[1];
  return kilobytes === undefined ? null : Number(kilobytes) * 1024;
}
