// What is known of this machine's GPU. Types only.

/** What an engine has found out about the GPU. What is not known is absent. */
export interface KnownDevice {
  adapterName: string;
  /** A CPU implementation: correct but slow. */
  software: boolean;
  maxBufferBytes: number;
  storageBindingBytesMax: number;
  /** What a trial allocation has shown to be free. */
  allocatableBytes?: number;
  /** The trial stopped at its own limit, so there may be more. */
  allocatableIsLowerBound?: boolean;
  /** Measured. */
  bandwidthBytesPerSecond?: number;
}
