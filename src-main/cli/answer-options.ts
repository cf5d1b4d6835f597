import { Option, type Command } from 'commander';
import { FIELD_SPELLINGS } from '../contract/log-entry';
import { fieldNames, filePath, wholeNumber } from './option-values';
import { addLogOptions, fileFormatOption, limitsOption } from './shared-options';

/** Adds what a command takes that writes the answer to a query, see `QueryOptions`. */
export function addAnswerOptions(command: Command): Command {
  return addLogOptions(command)
    .addOption(new Option('--limit <rows>', 'most rows').argParser(wholeNumber(1, Number.MAX_SAFE_INTEGER)))
    .addOption(limitsOption())
    .option('--reverse', 'newest log entries first', false)
    .addOption(
      new Option('--spelling <fields>', "instance and protocol as they are, or as the product's preview spelled them")
        .choices(FIELD_SPELLINGS)
        .default('current'),
    )
    .option('--ids', 'begin each row of a search with the identity of its log entry', false)
    .option('--ends', 'end each row of a search with why its session ended, also as flowEndReason of IPFIX', false)
    .addOption(fileFormatOption())
    .option(
      '--neutralise-formulas',
      'begin texts that a spreadsheet would take for formulas with an apostrophe, in csv and tsv',
      false,
    )
    .option(
      '--gzip',
      'pack what is written; a file whose name ends with .gz is packed in any case (parquet is by itself)',
      false,
    )
    .addOption(
      new Option(
        '--partition-by <field,…>',
        'of parquet: one file for each combination of values of these columns, in a folder that is not there yet or is empty; none is replaced',
      ).argParser(fieldNames),
    )
    .addOption(
      new Option(
        '--out <file>',
        'write the rows to a file (or folder), whole or not at all, and what they are to FILE.meta.json (not for a table); - for standard output',
      ).argParser(filePath),
    )
    .option('--json', 'the same as --format json', false);
}
