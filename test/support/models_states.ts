// The model page for tests: a machine with a card, some models there, some on their way, and advice of every kind.
import type {
  CatalogueView,
  DownloadView,
  FilesView,
  FitView,
  InstalledView,
  LookUpView,
  ModelsView,
  VariantView,
} from '../../webview/protocol.ts';

export const fits: FitView = {
  verdict: 'fits',
  why: 'Fits with its whole context of 262,144 tokens.',
  memory: [
    { contextTokens: 8192, bytes: 3.1e9, fits: true, yarn: false },
    { contextTokens: 32_768, bytes: 3.4e9, fits: true, yarn: false },
    { contextTokens: 262_144, bytes: 7.2e9, fits: true, yarn: false },
    { contextTokens: 1_010_000, bytes: 22.4e9, fits: false, yarn: true },
  ],
  bytesPerToken: 2.4e9,
  tokensPerSecond: { low: 41.2, high: 96.4 },
  rough: false,
  diskFits: true,
};
export const short: FitView = {
  ...fits,
  verdict: 'fits-short-context',
  why: 'Fits with a context of up to 12,288 tokens.',
  memory: fits.memory.map((one, index) => ({ ...one, bytes: one.bytes + 6e9, fits: index === 0 })),
  tokensPerSecond: { low: 4.24, high: 9.9 },
  rough: true,
};
export const tooLarge: FitView = {
  ...fits,
  verdict: 'does-not-fit',
  why: 'Needs about 47.3 GB; GeForce 9000 can hold 11.2 GB.',
  memory: fits.memory.map(one => ({ ...one, bytes: one.bytes + 44e9, fits: false })),
  tokensPerSecond: undefined,
  diskFits: false,
};
export const notKnown: FitView = {
  verdict: 'unknown',
  why: 'Its size is not known before the hub is asked.',
  memory: [],
  bytesPerToken: 0,
  rough: true,
};

/** Made of one file; the hub has named its hash. */
export function files(name: string, change: Partial<FilesView> = {}): FilesView {
  return {
    revision: '0123456789abcdef0123456789abcdef01234567',
    licence: 'apache-2.0',
    files: [{ name, bytes: 2.74e9, sha256: '5e'.repeat(32) }],
    ...change,
  };
}

export function variant(change: Partial<VariantView> = {}): VariantView {
  return { label: 'Q4_K_M', bytes: 2.74e9, bytesKnown: true, fit: fits, state: 'available', ...change };
}

export function entry(change: Partial<CatalogueView> = {}): CatalogueView {
  return {
    id: 'qwen3.5-4b',
    name: 'Qwen3.5 4B',
    description: 'For laptops with a graphics card: good answers about code.',
    goodAt: ['chat', 'completion', 'thinking'],
    licence: 'Apache-2.0',
    contextTokens: 262_144,
    textOnly: true,
    repository: 'maker/Qwen3.5-4B-GGUF',
    recommended: false,
    offered: 'Q4_K_M',
    variants: [
      variant({ label: 'Q8_0', bytes: 4.48e9, bytesKnown: false, fit: short }),
      variant(),
      variant({ label: 'Q6_K', bytes: 3.5e9 }),
    ],
    ...change,
  };
}

export function installed(change: Partial<InstalledView> = {}): InstalledView {
  return {
    id: 'embedded',
    name: 'Hearth tiny (comes with Hearth)',
    origin: 'Comes with Hearth',
    bytes: 16.4e6,
    current: true,
    removal: 'none',
    files: { licence: 'MIT', files: [{ name: 'hearth-tiny-q8_0.gguf', bytes: 16.4e6 }] },
    ...change,
  };
}

export function download(change: Partial<DownloadView> = {}): DownloadView {
  return {
    id: 'd1',
    kind: 'download',
    name: 'Qwen3.5 4B Q4_K_M',
    origin: 'maker/Qwen3.5-4B-GGUF at 0123456',
    phase: 'running',
    bytesTotal: 2.74e9,
    bytesDone: 1.1e9,
    bytesVerified: 0,
    bytesPerSecond: 34.2e6,
    secondsLeft: 48,
    needsToken: false,
    files: files('Qwen3.5-4B-Q4_K_M.gguf'),
    ...change,
  };
}

export function lookUp(change: Partial<LookUpView> = {}): LookUpView {
  return { state: 'idle', reference: '', title: '', notes: [], variants: [], needsToken: false, ...change };
}

export function modelsView(change: Partial<ModelsView> = {}): ModelsView {
  return {
    device: 'GeForce 9000 · room for about 11.2 GB · 448 GB/s measured',
    storage: 'Models are kept in /data/models · 212 GB free',
    hasToken: false,
    installed: [installed()],
    catalogue: [entry()],
    downloads: [],
    lookUp: lookUp(),
    ...change,
  };
}

/** Every part of the page at once. */
export function fullModels(): ModelsView {
  return modelsView({
    installed: [
      installed({ current: false }),
      installed({
        id: 'm2',
        name: 'Qwen3.5 2B Q4_K_M',
        origin: 'maker/Qwen3.5-2B-GGUF at 89abcde',
        bytes: 1.27e9,
        current: true,
        removal: 'delete',
        checked: { ok: true, text: 'All 1 files are as they were published.' },
      }),
      installed({
        id: 'm3',
        name: 'my_finetune-of-a-model-with-a-rather-long-name-Q8_0',
        origin: '/data/mine/my_finetune-of-a-model-with-a-rather-long-name-Q8_0.gguf',
        bytes: 8.9e9,
        current: false,
        removal: 'forget',
        fit: short,
        checked: { ok: false, text: 'my_finetune.gguf: its size is 12 bytes, not 8,900,000,000.' },
      }),
      installed({
        id: 'm4',
        name: 'Qwen3.5 0.8B Q8_0',
        origin: 'maker/Qwen3.5-0.8B-GGUF at 4567890',
        bytes: 0.83e9,
        current: false,
        removal: 'delete',
        verifying: { bytesDone: 0.5e9, bytesTotal: 0.83e9 },
      }),
    ],
    downloads: [
      download(),
      download({ id: 'd2', name: 'Qwen3.5 9B Q4_K_M', phase: 'paused', bytesDone: 0.3e9 }),
      download({
        id: 'd3',
        name: 'Qwen3.5 35B-A3B Q4_K_M',
        phase: 'failed',
        bytesPerSecond: undefined,
        secondsLeft: undefined,
        problem: {
          message: 'There is not enough space in /data/models: 21.2 GB are needed, 9.0 GB are free.',
          remedy: 'Free some space, or choose another folder with "hearth.models.directory", then resume.',
        },
      }),
      download({ id: 'd4', name: 'Qwen3.5 0.8B Q4_K_M', phase: 'verifying', bytesVerified: 2e9 }),
      download({ id: 'd5', name: 'Qwen3.5 0.8B BF16', phase: 'done', bytesDone: 2.74e9, modelId: 'm5' }),
    ],
    catalogue: [
      entry({ recommended: true }),
      entry({
        id: 'next',
        name: 'Qwen3-Next 80B-A3B Instruct',
        description: 'For large machines.',
        goodAt: ['chat'],
        contextTokensMax: 1_010_000,
        offered: 'Q4_K_M',
        variants: [variant({ bytes: 48.4e9, bytesKnown: false, fit: tooLarge })],
      }),
      entry({
        id: 'tiny',
        name: 'Qwen3.5 0.8B',
        variants: [
          variant({ state: 'installed', modelId: 'm4' }),
          variant({ label: 'Q8_0', state: 'arriving' }),
          variant({ label: 'BF16', state: 'current', modelId: 'm2' }),
        ],
      }),
      entry({ id: 'unknown', name: 'Something new', variants: [variant({ bytes: 0, fit: notKnown })] }),
    ],
    lookUp: lookUp({
      state: 'found',
      reference: 'maker/other-GGUF',
      title: 'maker/other-GGUF at 0123456',
      notes: ['Licence: apache-2.0', 'Its licence must be accepted on its page first.'],
      variants: [
        variant({ label: 'Q8_0', files: files('other-Q8_0.gguf') }),
        variant({ label: 'safetensors', bytes: 18e9, fit: tooLarge, files: files('model.safetensors') }),
      ],
    }),
    problem: { message: 'The file manager could not be opened.', remedy: 'Open the folder by hand.' },
  });
}
