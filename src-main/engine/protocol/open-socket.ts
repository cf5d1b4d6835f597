import { createConnection, type Socket } from 'node:net';

/** @returns a connection to a local socket or named pipe; null when nobody listens there */
export function openSocket(path: string): Promise<Socket | null> {
  return new Promise((resolve) => {
    const socket = createConnection(path);
    socket.once('connect', () => {
      socket.removeAllListeners('error');
      resolve(socket);
    });
    socket.once('error', () => resolve(null));
  });
}
