/** Longest stretch of work on a thread that others share, before they get their turn. */
export const TURN_MS = 15;

/** Lets what waits in this thread have its turn. */
export function otherCalls(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** How often work that waits for a source looks whether it is wanted still. */
export const LOOK_MS = 50;
