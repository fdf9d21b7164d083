// Which of a machine's GPUs is used: by the kind that the system calls it, or by a part of its name.
import { errors } from '../protocol/errors.ts';
import type { AdapterName } from '../protocol/lifecycle.ts';

/** Kinds that every system can tell apart; `high-performance` is what is used when nothing is said. */
export const adapterKinds = ['high-performance', 'low-power'] as const;
export type AdapterKind = (typeof adapterKinds)[number];

/** What an adapter is asked for by. */
export type AdapterChoice = { kind: AdapterKind } | { name: string };

/** "" or a kind, else a part of a name in any case. */
export function adapterChoice(wanted: string): AdapterChoice {
  const text = wanted.trim();
  if (text === '') return { kind: 'high-performance' };
  const kind = adapterKinds.find(one => one === text.toLowerCase());
  return kind ? { kind } : { name: text };
}

/** The adapter whose name is the wanted one, else the first that has it as a part. Throws noSuchAdapter, naming those there are. */
export function adapterNamed(wanted: string, adapters: readonly AdapterName[]): AdapterName {
  const text = wanted.toLowerCase();
  const found =
    adapters.find(({ name }) => name.toLowerCase() === text) ??
    adapters.find(({ name }) => name.toLowerCase().includes(text));
  if (!found) throw errors.noSuchAdapter(wanted, [...new Set(adapters.map(({ name }) => name))]);
  return found;
}

/** The adapters in Dawn's answer to a name that no adapter has. */
export function adaptersIn(message: string): AdapterName[] {
  return [...message.matchAll(/^ *\* backend: '(.*?)', name: '(.*)'$/gm)].map(
    ([, backend = '', name = '']) => ({ backend, name }),
  );
}
