import type { Completion, CompletionContext, CompletionResult, CompletionSource } from '@codemirror/autocomplete';
import { t } from '../../services/messages/catalogue';
import { visibleLine } from '../../services/visible-text';
import { sideOf } from './columns';
import {
  conditionOptions,
  operatorOptions,
  statementOptions,
  valueOptions,
  type QueryField,
  type QueryOption,
} from './query-options';
import { placeInQuery, type QueryPlace } from './query-place';
import type { QueryHelp } from './query-help';
import type { QueryRequest } from '../../../src-main/contract/query';

/** What options are made from; asked for each time, so that they are of the log as it is. */
export interface QueryKnowledge {
  readonly help: QueryHelp;
  readonly fields: () => readonly QueryField[];
  /** `pinned` of the answer whose range is searched for values; null without one. */
  readonly searched: () => QueryRequest | null;
}

/** An option with what it is about, for those who draw it. */
export interface QueryCompletion extends Completion {
  readonly option: QueryOption;
}

/** A value may be as long as a page. */
const LONGEST_LABEL = 80;
/** While what is written matches, the options hold. */
const STILL_VALID = {
  condition: /^[^\s"()[\]:=<>|]*$/u,
  operator: /^$/u,
  value: /^[^\s"()[\]:=<>|]*$/u,
  '"': /^[^"]*$/u,
  "'": /^[^']*$/u,
  statement: /^\w*$/u,
};

function detailOf({ about }: QueryOption): string {
  if (about.kind === 'field') return about.field.meaning;
  if (about.kind === 'value') return t.complete.entries(about.entries);
  return about.kind === 'function' ? t.complete.functions[about.of] : '';
}

/** @param rank among the options that match equally well */
function completionOf(option: QueryOption, rank: number): QueryCompletion {
  const { label, insert } = option;
  const isLong = label.length > LONGEST_LABEL;
  const displayLabel = visibleLine(isLong ? `${label.slice(0, LONGEST_LABEL)}…` : label);
  return {
    option,
    label,
    ...(displayLabel === label ? {} : { displayLabel }),
    sortText: String(rank).padStart(6, '0'),
    detail: detailOf(option),
    type: option.about.kind,
    apply: insert,
  };
}

async function optionsAt(
  place: QueryPlace,
  { help, fields, searched }: QueryKnowledge,
  context: CompletionContext,
): Promise<readonly QueryOption[]> {
  const { doc } = context.state;
  switch (place.kind) {
    case 'condition':
      return conditionOptions(place, fields(), doc.sliceString(place.to, place.to + 16));
    case 'operator':
      return operatorOptions(place, fields());
    case 'statement':
      return statementOptions(place, fields(), await help.functions());
    case 'value': {
      const answer = searched();
      if (answer === null) return [];
      const values = await help.values(answer, place.field, (cancel) => context.addEventListener('abort', cancel));
      return valueOptions(place, values);
    }
  }
}

/** @returns what opens by itself while a word is written, and behind `field:`; anywhere where it is asked for */
export function queryCompletions(knowledge: QueryKnowledge): CompletionSource {
  return async (context): Promise<CompletionResult | null> => {
    const place = placeInQuery(context.state.doc.toString(), context.pos);
    if (place === null) return null;
    if (!context.explicit && place.written === '' && place.kind !== 'value') return null;
    const options = await optionsAt(place, knowledge, context);
    if (options.length === 0 || context.aborted) return null;
    const validFor = STILL_VALID[place.kind === 'value' && place.quote !== '' ? place.quote : place.kind];
    return { from: place.from, to: place.to, options: options.map(completionOf), validFor };
  };
}

/** Whether a completion leads to the next: a field to its values. */
export function leadsOn(completion: Completion): boolean {
  const { option } = completion as QueryCompletion;
  return option.about.kind === 'field' && option.insert.endsWith(':');
}

/** The mark before an option: a field's type and side, as the list of fields has them. */
export function completionMark(completion: Completion): Node {
  const { about } = (completion as QueryCompletion).option;
  const mark = document.createElement('span');
  mark.className = 'mark';
  if (about.kind !== 'field') return mark;
  mark.textContent = t.fields.types[about.field.type];
  const side = sideOf(about.field.name);
  if (side === null) return mark;
  const shape = document.createElement('i');
  shape.className = `side ${side}`;
  mark.append(shape);
  return mark;
}
