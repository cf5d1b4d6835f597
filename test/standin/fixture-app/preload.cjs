const { contextBridge, ipcRenderer, webUtils } = require('electron');

window.preloadLeak = true;
contextBridge.exposeInMainWorld('fixture', {
  version: 1,
  nested: { list: [1, { two: 2 }] },
  invoke: (channel, ...args) => ipcRenderer.invoke(channel, ...args),
  kindOf: (value) => Object.prototype.toString.call(value).slice(8, -1),
  throwing: () => {
    throw new Error('from the preload');
  },
  requireFs: () => typeof require('node:fs'),
  pathOf: (file) => webUtils.getPathForFile(file),
  say: (value, listener) => {
    ipcRenderer.once('answered', (_event, args) => listener(args[0]));
    ipcRenderer.send('said', value);
  },
  openPort: () => {
    const { port1, port2 } = new MessageChannel();
    ipcRenderer.once('sums', (event) => window.postMessage('sums', '*', [event.ports[0]]));
    ipcRenderer.postMessage('port', null, [port1]);
    window.postMessage('numbers', '*', [port2]);
  },
  whole: ipcRenderer,
});
