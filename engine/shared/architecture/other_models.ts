// Models that look like those of the family by their names and are of another architecture.

/** By what config.json or a GGUF file calls the architecture. */
const names: Readonly<Record<string, string>> = {
  qwen4_exp: 'Qwen3.8-Flash-Next',
  qwen4exp: 'Qwen3.8-Flash-Next',
};

/** The architecture, with the name of its model where people know that better. */
export function architectureName(architecture: string): string {
  const name = Object.hasOwn(names, architecture) ? names[architecture] : undefined;
  return name === undefined ? architecture : `${name} (${architecture})`;
}
