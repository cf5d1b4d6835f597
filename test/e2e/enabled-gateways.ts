import { natscope } from '../support/command';
import { expect } from './fixtures';

/** Makes two gateways, ngw-a and ngw-b, whose session logs go to the Logstores log-a and log-b of the project lab. */
export async function enableTwo(workspace: string): Promise<void> {
  for (const [no, id] of ['a', 'b'].entries()) {
    const project = no === 0 ? '--create-project' : '--project';
    for (const args of [
      ['vpc', 'create', '--id', `vpc-${id}`, '--region', 'cn-shanghai', '--cidr', `10.0.${no + 1}.0/24`],
      [
        'gateway',
        'create',
        '--id',
        `ngw-${id}`,
        '--name',
        `egress ${id}`,
        '--vpc',
        `vpc-${id}`,
        '--eip',
        `203.0.113.${no + 1}0`,
      ],
      ['session-log', 'enable', `ngw-${id}`, project, 'lab', '--create-logstore', `log-${id}`],
      ['index', 'create-recommended', '--project', 'lab', '--logstore', `log-${id}`],
    ]) {
      expect((await natscope([...args, '--workspace', workspace])).code).toBe(0);
    }
  }
}
