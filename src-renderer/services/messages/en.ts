import { about } from './en/about';
import { acts } from './en/acts';
import { asking } from './en/asking';
import { captures } from './en/captures';
import { cost } from './en/cost';
import { entry } from './en/entry';
import { errors } from './en/errors';
import { exports } from './en/exports';
import { gateways } from './en/gateways';
import { general } from './en/general';
import { graph } from './en/graph';
import { indexSettings } from './en/index-settings';
import { ledger } from './en/ledger';
import { loads } from './en/loads';
import { logs } from './en/logs';
import { replay } from './en/replay';
import { savedSearches } from './en/saved-searches';
import { sessionLog } from './en/session-log';
import { settings } from './en/settings';
import { who } from './en/who';

/**
 * The words of the window in English. Sentence case; buttons are verbs; an error says what happened, to what, and what
 * to do. Numbers and times come formatted, unless a word depends on them.
 */
export const en = {
  ...general,
  ...acts,
  ...about,
  ...captures,
  ...asking,
  ...loads,
  ...logs,
  ...indexSettings,
  ...replay,
  ...savedSearches,
  ...who,
  ...gateways,
  ...sessionLog,
  ...cost,
  ...entry,
  ...graph,
  ...exports,
  ...ledger,
  ...settings,
  ...errors,
};
