import { en } from './en';

type Sentence<Value> = Value extends string
  ? string
  : Value extends (...values: infer Values) => string
    ? (...values: Values) => string
    : { readonly [Key in keyof Value]: Sentence<Value[Key]> };

/** What every language has: the same keys, with parameters of the same types. */
export type Catalogue = Sentence<typeof en>;

/** The words of the window. */
export const t: Catalogue = en;
