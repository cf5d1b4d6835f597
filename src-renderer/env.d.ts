/// <reference types="svelte" />
/// <reference types="vite/client" />

interface Window {
  /** What the preload script of the desktop app gives; absent in a browser. */
  readonly natscope?: import('../src-main/contract/host-bridge').PreloadApi;
}
