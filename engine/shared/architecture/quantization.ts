// How the configuration of a safetensors model says that its weights are quantised.

/** The name of a way to quantise that Hearth does not read; undefined for plain weights and FP8 in blocks. */
export function unreadQuantization(config: Record<string, unknown>): string | undefined {
  const found = settingsOf(config) ?? settingsOf(config['text_config']);
  if (!isRecord(found)) return undefined;
  const { quant_method: method, fmt = 'e4m3', bits } = found;
  // MLX names bits, but no method; its norms hold their +1 already.
  if (method === undefined) return bits === undefined ? undefined : `MLX, ${shown(bits)} bits`;
  if (method !== 'fp8') return shown(method);
  return fmt === 'e4m3' ? undefined : `fp8 ${shown(fmt)}`;
}

function shown(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value).slice(0, 40) : 'unknown';
}

function settingsOf(config: unknown): unknown {
  return isRecord(config) ? (config['quantization_config'] ?? config['quantization']) : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
