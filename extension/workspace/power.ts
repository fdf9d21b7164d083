// Whether this machine runs on its battery: what nobody waits for had better not be computed then.
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Asking starts a program on some systems, so that an answer counts for a while. */
const freshMs = 60_000;
const deadlineMs = 5_000;

export class Power {
  #at = -Infinity;
  #answer: Promise<boolean> | undefined;

  constructor(
    private readonly ask: () => Promise<boolean> = onBattery,
    private readonly now: () => number = Date.now,
  ) {}

  /** As it was when it was asked last; after a minute it is asked again, for the next time. The first time takes what asking takes. */
  onBattery(): Promise<boolean> {
    const before = this.#answer;
    if (before && this.now() - this.#at <= freshMs) return before;
    this.#at = this.now();
    const asked = this.ask();
    this.#answer ??= asked;
    void asked.then(() => (this.#answer = asked));
    return before ?? asked;
  }
}

/** False where nothing can be learnt. */
async function onBattery(): Promise<boolean> {
  try {
    if (process.platform === 'linux') return await linuxOnBattery('/sys/class/power_supply');
    if (process.platform === 'darwin')
      return (await told('pmset', ['-g', 'batt'])).includes("'Battery Power'");
    if (process.platform === 'win32') {
      const script = '(Get-CimInstance Win32_Battery).BatteryStatus';
      const states = await told('powershell.exe', ['-NoProfile', '-NonInteractive', '-Command', script]);
      // 1: a battery is being discharged (documentation of Win32_Battery).
      return states.split(/\s+/).includes('1');
    }
  } catch {
    // A machine without such a file or program has no battery that anybody can ask about.
  }
  return false;
}

/**
 * By the kernel's power supplies (Linux, Documentation/ABI/testing/sysfs-class-power): a battery of the machine itself is being
 * discharged, and nothing is plugged in.
 */
export async function linuxOnBattery(folder: string): Promise<boolean> {
  const supplies = await Promise.all(
    (await readdir(folder)).map(async name => {
      const value = async (file: string): Promise<string> =>
        (await readFile(join(folder, name, file), 'utf8').catch(() => '')).trim();
      const [type, scope, online, status] = await Promise.all(
        ['type', 'scope', 'online', 'status'].map(value),
      );
      return { type, scope, online, status };
    }),
  );
  const own = supplies.filter(({ scope }) => scope !== 'Device');
  if (own.some(({ type, online }) => type !== 'Battery' && online === '1')) return false;
  return own.some(({ type, status }) => type === 'Battery' && status === 'Discharging');
}

async function told(program: string, args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(program, args, { timeout: deadlineMs, windowsHide: true });
  return stdout;
}
