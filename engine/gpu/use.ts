// Counts of how the host uses a device: what it submits, and how often it waits with nothing more for the device to do.

export interface DeviceUse {
  /** Command buffers, one at a time. */
  submissions: number;
  /** Times the host has asked for what lies in a tensor. */
  waits: number;
  /** Those in which the device had nothing to do after what was waited for. */
  idleWaits: number;
}
