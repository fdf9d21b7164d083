// How the host waits for the device. Dawn's library for Node asks in every turn of the event loop whether anything is done: a hundred
// times a millisecond, each time with a new function that only a full garbage collection frees. That takes a whole core, which a
// software device needs itself, and hundreds of megabytes. So the loop sleeps a little before each of these questions.

/** Shorter than anything that is waited for. A timer of the system adds about as much. */
const napMs = 0.05;

type SetImmediate = (callback: (...args: unknown[]) => void, ...args: unknown[]) => unknown;

/** `plain`, with a nap before every callback that is Dawn's: one without a name, made by native code. */
export function napping(plain: SetImmediate, nap: () => void): SetImmediate {
  return (callback, ...args) => {
    if (callback.name === '' && Function.prototype.toString.call(callback).endsWith('{ [native code] }'))
      nap();
    return plain(callback, ...args);
  };
}

let installed = false;

/** Makes the waits of this process naps. Not on Windows, whose shortest sleep is longer than a token. */
export function installNaps(platform: NodeJS.Platform = process.platform): void {
  if (installed || platform === 'win32') return;
  installed = true;
  const never = new Int32Array(new SharedArrayBuffer(4));
  const nap = (): void => void Atomics.wait(never, 0, 0, napMs);
  // Dawn looks the function up anew each time. What hangs on it, the form for promisify, stays.
  const plain = globalThis.setImmediate;
  const paced: unknown = Object.assign(napping(plain as SetImmediate, nap), plain);
  globalThis.setImmediate = paced as typeof plain;
}
