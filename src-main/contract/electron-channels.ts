/** Names under which Electron carries what goes between a window and the main process; nothing else is listened to. */
export const CHANNEL = {
  /** A call of the host: name, request. */
  call: 'host:call',
  /** An event of the host: name, payload. */
  event: 'host:event',
  /** A page begins: what the page before it had open is of no more use. */
  pageBegins: 'page:begins',
  /** A connection of the window to the engine, by a number that the window chose. */
  engineOpen: 'engine:open',
  /** Its bytes, both ways: number, bytes. */
  engineBytes: 'engine:bytes',
  /** Its end, whoever ends it: number. */
  engineClose: 'engine:close',
} as const;
