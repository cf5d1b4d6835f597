import { counted, grouped } from './words';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** Not that it is all there: somebody may have deleted the folder, which may be why the engine ended. */
const KEPT = 'That takes nothing from what was imported before; an import that was running is lost.';

/** The frame around the pages, and what all of them say. */
export const general = {
  /** All digits of a number. */
  grouped,
  units: {
    ms: 'ms',
    sec: 's',
    min: 'min',
    hour: 'h',
    day: 'd',
    /** Each a thousand of the one before; the first of counts is none. */
    bytes: ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB'],
    counts: ['', 'k', 'M', 'bn', 'T'],
    perSecond: (amount: string) => `${amount}/s`,
  },
  times: {
    /** @param month 1 to 12 */
    day: (day: number, month: number) => `${day} ${MONTHS[month - 1] ?? ''}`,
    date: (day: string, year: string) => `${day} ${year}`,
  },
  cancel: 'Cancel',
  close: 'Close',
  dismiss: 'Dismiss',
  /** As they stand in tips and menus. */
  keys: {
    run: 'Ctrl+Enter',
    ask: 'Enter',
    cancel: 'Esc',
    copy: 'C',
    copyJson: 'Shift+C',
    context: 'X',
    packets: 'P',
    openPackets: 'W',
    filterFor: '+',
    filterOut: '-',
    openEntry: 'Enter',
    previousEntry: 'K',
    nextEntry: 'J',
  },
  frame: {
    name: 'Natscope',
    title: (of: string) => `${of} – Natscope`,
    skip: 'Skip to content',
    main: 'Main',
    captures: 'Captures',
    logs: 'Logs',
    who: 'Who',
    gateways: 'Gateways',
    theme: { system: 'System', light: 'Light', dark: 'Dark' },
    themeButton: (now: string, next: string) => `Theme: ${now}. Switch to ${next}`,
    status: 'Status',
    zone: 'Zone of all times',
    zoneSystem: (zone: string) => `System, ${zone}`,
    importing: (part: string) => `Importing ${part}`,
    playing: (name: string, isPaused: boolean) => `${isPaused ? 'Paused' : 'Playing'} ${name}`,
    playingSeveral: (count: number, isPaused: boolean) =>
      `${isPaused ? 'Paused' : 'Playing'} ${counted(count, 'replay')}`,
    entries: (count: number) => counted(count, 'entry', 'entries'),
    messages: 'Messages',
    dismissMessage: (title: string) => `Dismiss: ${title}`,
    partMissing: {
      title: 'A part of the page did not load.',
      facts:
        'Natscope has ended, or was updated, since the page was opened. What is shown here stays until the page is loaded again.',
      reload: 'Reload page',
    },
  },
  engine: {
    starting: 'Engine starting',
    ready: 'Engine ready',
    down: 'Engine stopped',
    lost: 'No connection',
    downTitle: 'The engine stopped.',
    endedBySignal: (signal: string) => `It was ended by signal ${signal}. ${KEPT}`,
    endedWith: (exitCode: number) => `It ended unexpectedly, with exit code ${exitCode}. ${KEPT}`,
    kept: KEPT,
    unreachable: 'The engine cannot be reached.',
    otherVersion: 'The engine is of another version of Natscope.',
    otherVersionFacts: 'End Natscope everywhere, then start it again.',
    restart: 'Restart the engine',
    keylessTitle: 'This tab has no key to Natscope.',
    keylessFacts:
      'A tab gets its key from the address that Natscope printed when it started. Open that address in this tab: for this browser it still works.',
    refusedTitle: 'The session of this tab has ended.',
    refusedFacts: 'Natscope was started again since. Open the address that it printed then.',
    lostTitle: 'The connection to the host is lost.',
    lostFacts:
      'It is tried again by itself. If natscope serve has ended, start it again and open the address that it prints.',
  },
  value: {
    filterFor: 'Filter for it',
    filterOut: 'Filter out',
    copy: 'Copy',
    copied: (value: string) => `Copied ${value}`,
    notCopied: 'The value was not copied.',
    notCopiedWhy: (value: string) => `The clipboard refused it. Select it here instead: ${value}`,
    none: 'no value',
  },
};
