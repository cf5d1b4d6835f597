import type { EngineMessage } from './engine-message';

/** Whoever started this process, and lives as long as it is to live. */
export interface EngineParent {
  /** Settles when the message is on its way. */
  tell(message: EngineMessage): Promise<void>;
  /** @param listener called once, at once when the parent is gone already */
  onGone(listener: () => void): void;
}

/** What Electron puts on `process` in a process of `utilityProcess.fork`. */
interface ParentPort {
  postMessage(message: unknown): void;
}

const PARENT_CHECK_MS = 1000;

/** @returns null for a process that was started by neither `child_process.fork` nor `utilityProcess.fork` */
export function parentOf(self: NodeJS.Process): EngineParent | null {
  const port = 'parentPort' in self ? (self.parentPort as ParentPort | undefined) : undefined;
  if (port !== undefined) return electronParent(self, port);
  return self.send === undefined ? null : forkingParent(self);
}

function forkingParent(self: NodeJS.Process): EngineParent {
  return {
    // An error means that the parent is gone, of which `disconnect` tells.
    tell: (message) => new Promise((resolve) => self.send?.(message, undefined, undefined, () => resolve())),
    onGone: (listener) => {
      if (self.connected) self.once('disconnect', listener);
      else listener();
    },
  };
}

function electronParent(self: NodeJS.Process, port: ParentPort): EngineParent {
  return {
    tell: async (message) => {
      port.postMessage(message);
      // The port gives no sign of when a message has left, and a process that ends at once would take it along.
      await new Promise((resolve) => setImmediate(resolve));
    },
    onGone: (listener) => {
      const parentPid = self.ppid;
      // The port does not tell of its end, but an orphan has another parent at once.
      const watch = setInterval(() => {
        if (self.ppid === parentPid) return;
        clearInterval(watch);
        listener();
      }, PARENT_CHECK_MS);
    },
  };
}
