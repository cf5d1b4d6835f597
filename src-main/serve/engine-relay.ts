import type { Socket } from 'node:net';
import type { RawData, WebSocket } from 'ws';

/** Bytes on their way to a browser at which the engine is held back, and below which it goes on. */
const HIGH_WATER = 4 << 20;
const LOW_WATER = 1 << 20;

/** WebSocket's own code for "try again later", and for a kind of message that is not understood. */
const TRY_AGAIN = 1013;
const WRONG_KIND = 1003;

/**
 * Joins a WebSocket to a connection of the engine. Bytes pass both ways as they are; a slow side holds the other back;
 * the end of either is the end of both.
 *
 * @param connect gives a connection of this WebSocket's own
 */
export async function relayEngine(ws: WebSocket, connect: () => Promise<Socket>): Promise<void> {
  // Nothing may come before there is somebody to take it.
  ws.pause();
  // `ws` closes it by itself, with a code that says why, such as 1009 for a message that is too long.
  ws.on('error', () => undefined);
  let socket: Socket;
  try {
    socket = await connect();
  } catch {
    ws.resume();
    ws.close(TRY_AGAIN, 'the engine is down');
    return;
  }
  if (ws.readyState !== ws.OPEN) {
    socket.destroy();
    return;
  }
  passToBrowser(socket, ws);
  passToEngine(ws, socket);
  ws.resume();
}

function passToBrowser(socket: Socket, ws: WebSocket): void {
  socket.on('data', (bytes: Buffer) => {
    ws.send(bytes, () => {
      if (socket.isPaused() && ws.bufferedAmount < LOW_WATER) socket.resume();
    });
    if (ws.bufferedAmount > HIGH_WATER) socket.pause();
  });
  // The close that follows an error says all that there is to say.
  socket.on('error', () => undefined);
  socket.on('close', () => ws.close());
}

function passToEngine(ws: WebSocket, socket: Socket): void {
  ws.on('message', (data: RawData, isBinary: boolean) => {
    if (!isBinary) {
      ws.close(WRONG_KIND, 'only bytes of the frame protocol');
      socket.destroy();
      return;
    }
    if (!socket.write(data as Buffer)) ws.pause();
  });
  socket.on('drain', () => ws.resume());
  ws.on('close', () => socket.destroy());
}
