/** The words that the browser host itself shows, outside of the page. */

/** Says why there is no page, and what to do about it. */
export interface RefusalText {
  readonly title: string;
  readonly remedy: string;
}

export const messages = {
  language: 'en',
  product: 'Natscope',
  misdirected: {
    title: 'This is not the address of Natscope',
    remedy: 'Open the address that Natscope printed when it started. Other names of this computer are refused.',
  },
  foreign: {
    title: 'Another page asked for this',
    remedy: 'Natscope answers its own page only. Open the address that it printed when it started.',
  },
  withBody: {
    title: 'This request carries data that nobody asked for',
    remedy: 'Only captures are sent to Natscope, by its own page.',
  },
  unknownVisitor: {
    title: 'Natscope does not know this browser',
    remedy:
      'The address that Natscope printed lets in one browser, once. If that was another one, or its cookies are gone, stop Natscope, start it again, and open the new address.',
  },
  withoutKey: {
    title: 'This comes without the key of this session',
    remedy: 'A tab gets its key from the address that Natscope printed. Open that address again, in this browser.',
  },
  notFound: {
    title: 'There is nothing here',
    remedy: 'Open the address of Natscope without a path.',
  },
  noPage: {
    title: 'The page of Natscope is not built',
    remedy: 'Run "npm run build" in its folder, or install the package again.',
  },
  exportGone: {
    title: 'This export is not here any more',
    remedy: 'It was fetched already, or the engine was started again since. Export once more.',
  },
  /** @param methods that the address takes, as `Allow` lists them */
  wrongMethod: (methods: string): RefusalText => ({
    title: 'This cannot be asked here',
    remedy: `This address takes ${methods}.`,
  }),
  /** Shown for a moment to who followed the printed address from another site. */
  entering: { title: 'Opening Natscope …', link: 'Go on to Natscope' },
  /** Plain text. */
  fault: 'Natscope could not answer.',
} as const;
