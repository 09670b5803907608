import type { RetryBounds } from "../retry.ts";

/** How delivery may use the inserter. */
export interface DeliveryOptions {
  readonly concurrency: number;
  readonly ratePerSecond: number;
  readonly batch: "auto" | false | number;
  readonly retry: RetryBounds;
  /** Request bodies kept between examining and sending, bytes. */
  readonly bodiesBytesMax: number;
}
