import { logstoreNameFault, projectNameFault } from '../../../src-main/logstore/names';
import { t } from '../../services/messages/catalogue';

/** Where entries are to go. */
interface Target {
  readonly project: string;
  readonly logstore: string;
  /** Whether a Logstore of that name has entries of another kind. */
  readonly isOtherKind: boolean;
}

/** @returns why entries cannot go there, in a sentence; null where they can */
export function targetProblem({ project, logstore, isOtherKind }: Target): string | null {
  const words = t.loads.problem;
  if (project === '') return words.noProject;
  if (logstore === '') return words.noLogstore;
  const projectFault = projectNameFault(project);
  if (projectFault !== null) return words.badProject(projectFault);
  const logstoreFault = logstoreNameFault(logstore);
  if (logstoreFault !== null) return words.badLogstore(logstoreFault);
  return isOtherKind ? words.otherKind : null;
}
