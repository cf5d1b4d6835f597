import { fork } from 'node:child_process';
import type { EngineChild, EngineExit } from './engine-child';

/** The launcher of a host that is a plain Node process. */
export function forkEngine(entryPath: string, args: readonly string[]): EngineChild {
  // Flags of the host, such as an inspector's port, are not the engine's; what it has to say goes through its socket.
  const child = fork(entryPath, args, { execArgv: [], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  return {
    get pid() {
      return child.pid;
    },
    stderr: child.stderr,
    onMessage: (listener) => void child.on('message', listener),
    onExit: (listener) => {
      let isOver = false;
      const end = (exit: EngineExit): void => {
        if (isOver) return;
        isOver = true;
        listener(exit);
      };
      child.on('exit', (code, signal) => end({ code, signal }));
      child.on('error', (cause) => {
        if (child.pid === undefined) end({ code: null, signal: null, fault: cause.message });
      });
    },
    kill: () => void child.kill(),
    leave: () => {
      if (child.connected) child.disconnect();
      child.stderr?.destroy();
      child.unref();
    },
  };
}
