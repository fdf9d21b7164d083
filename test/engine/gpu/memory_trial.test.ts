// The trial of memory on drivers that refuse, that give slow memory instead, and that move older pieces out for newer ones.
import { describe, expect, test } from 'vitest';
import { tryMemory, type TrialMemory } from '../../../engine/gpu/memory_trial.ts';

const bounds = { bytesMax: 1024, pieceBytes: 128, smallestBytes: 16 };
const [fast, slow] = [1000, 50];

interface FakePiece {
  bytes: number;
}

class FakeMemory implements TrialMemory<FakePiece> {
  /** What lies in the device's own memory, touched longest ago first. */
  #own: FakePiece[] = [];
  readonly #alive = new Set<FakePiece>();

  constructor(
    private readonly ownBytes: number,
    private readonly driver: 'refuses' | 'spills' | 'moves',
  ) {}

  get aliveCount(): number {
    return this.#alive.size;
  }

  take(bytes: number): Promise<FakePiece | undefined> {
    const piece = { bytes };
    const fits = this.#room() >= bytes;
    if (!fits && this.driver === 'refuses') return Promise.resolve(undefined);
    this.#alive.add(piece);
    if (fits) this.#own.push(piece);
    return Promise.resolve(piece);
  }

  free(piece: FakePiece): void {
    this.#alive.delete(piece);
    this.#own = this.#own.filter(one => one !== piece);
  }

  speedOf(piece: FakePiece, isNew: boolean): Promise<number> {
    const wasOwn = this.#own.includes(piece);
    if (this.driver === 'moves') {
      this.#own = this.#own.filter(one => one !== piece);
      while (this.#room() < piece.bytes) this.#own.shift();
      this.#own.push(piece);
      return Promise.resolve(wasOwn || isNew ? fast : slow);
    }
    return Promise.resolve(wasOwn ? fast : slow);
  }

  #room(): number {
    return this.ownBytes - this.#own.reduce((sum, { bytes }) => sum + bytes, 0);
  }
}

describe.each(['refuses', 'spills'] as const)('a driver that %s', driver => {
  test.each([
    { own: 480, bytes: 480, ended: true },
    { own: 265, bytes: 256, ended: true },
    { own: 2000, bytes: 1024, ended: false },
  ])('has what its device has: $own', async ({ own, ...found }) => {
    const memory = new FakeMemory(own, driver);
    expect(await tryMemory(memory, bounds)).toEqual(found);
    expect(memory.aliveCount).toBe(0);
  });
});

test('the last piece is what the bound leaves, also when that is less than one piece', async () => {
  expect(await tryMemory(new FakeMemory(2000, 'refuses'), { ...bounds, bytesMax: 300 })).toEqual({
    bytes: 300,
    ended: false,
  });
  expect(await tryMemory(new FakeMemory(2000, 'refuses'), { ...bounds, bytesMax: 100 })).toEqual({
    bytes: 100,
    ended: false,
  });
});

test('a driver that moves older pieces out has no more than stays in its place', async () => {
  const memory = new FakeMemory(580, 'moves');
  expect(await tryMemory(memory, bounds)).toEqual({ bytes: 512, ended: true });
  expect(memory.aliveCount).toBe(0);
  expect(await tryMemory(new FakeMemory(2000, 'moves'), bounds)).toEqual({ bytes: 1024, ended: false });
});

test('where every memory is as fast as the other, only refusals count', async () => {
  const memory = new FakeMemory(480, 'spills');
  const plain: TrialMemory<FakePiece> = {
    take: bytes => memory.take(bytes),
    free: piece => memory.free(piece),
  };
  expect(await tryMemory(plain, bounds)).toEqual({ bytes: 1024, ended: false });
});

test('a trial that fails gives back what it took', async () => {
  const memory = new FakeMemory(2000, 'refuses');
  let asked = 0;
  const failing: TrialMemory<FakePiece> = {
    take: bytes => (++asked > 3 ? Promise.reject(new Error('lost')) : memory.take(bytes)),
    free: piece => memory.free(piece),
  };
  await expect(tryMemory(failing, bounds)).rejects.toThrow('lost');
  expect(memory.aliveCount).toBe(0);
});
