import { fileName } from '../../services/file-name';
import { t } from '../../services/messages/catalogue';

/** What a question for paths says. */
export interface PathWords {
  readonly title: string;
  readonly example: string;
  readonly submit: (paths: number) => string;
}

export const OPENING: PathWords = { title: t.paths.title, example: t.paths.example, submit: t.captures.open };

/** @param path where the capture was */
export function movedWords(path: string): PathWords {
  return { title: t.moved.title(fileName(path)), example: path, submit: () => t.moved.submit };
}
