import { AppError, toErrorShape } from '../../src-main/contract/errors';
import type { PreloadApi } from '../../src-main/contract/host-bridge';
import type { HostBridge } from './host-bridge';

/** The host of a window of the desktop app. */
export function desktopBridge(api: PreloadApi): HostBridge {
  return {
    kind: 'desktop',
    call: async (name, request) => {
      try {
        return await api.call(name, request);
      } catch (cause) {
        return { ok: false, error: toErrorShape(cause) };
      }
    },
    on: (name, listener) => api.on(name, listener),
    connectEngine: (listener) => api.connectEngine(listener),
    pathOf: (file) => {
      const path = api.pathOf(file);
      if (path !== '') return Promise.resolve({ ok: true, value: path });
      const message = `${file.name} is no file of this computer: save it to a folder, then open it from there`;
      return Promise.resolve({
        ok: false,
        error: toErrorShape(new AppError('CAPTURE_NOT_FOUND', message, { file: file.name })),
      });
    },
    downloadUrl: () => null,
  };
}
