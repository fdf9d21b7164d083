// Tells when nothing has been done for a while.

export class IdleTimer {
  #timer: NodeJS.Timeout | undefined;
  #running = 0;

  constructor(
    private readonly idleMs: number,
    /** Called once after each time that something was done. */
    private readonly onIdle: () => void,
  ) {}

  /** Something begins; the function that it gives says that it has ended. */
  begin(): () => void {
    clearTimeout(this.#timer);
    this.#running += 1;
    return () => {
      this.#running -= 1;
      if (this.#running > 0) return;
      this.#timer = setTimeout(() => this.onIdle(), this.idleMs);
      this.#timer.unref();
    };
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#running = Infinity;
  }
}
