// Reading a batch in one go, for whoever lets nobody between.

/** What `reading` gives at its end. */
export async function whole<T>(reading: AsyncGenerator<void, T>): Promise<T> {
  for (;;) {
    const { done, value } = await reading.next();
    if (done) return value;
  }
}
