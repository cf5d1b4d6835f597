/** A page that a number of a profile was taken from. */
export interface Source {
  readonly title: string;
  readonly url: string;
  /** Of the page itself, as far as it says; null where it does not. */
  readonly date: string | null;
}

const rfc = (number: number, title: string, date: string): Source => ({
  title: `RFC ${number}, ${title}`,
  url: `https://www.rfc-editor.org/rfc/rfc${number}`,
  date,
});

const AWS_GUIDE = 'https://github.com/awsdocs/amazon-vpc-user-guide/blob/master/doc_source';
const AZURE_DOCS = 'https://github.com/MicrosoftDocs/azure-docs/blob/main/articles/nat-gateway';
const LINUX = 'https://github.com/torvalds/linux/blob/master';

export const SOURCES = {
  alibabaFaq: {
    title: 'Alibaba Cloud, NAT Gateway FAQ',
    url: 'https://www.alibabacloud.com/help/en/nat-gateway/support/nat-gateway-faq/',
    date: null,
  },
  alibabaSnat: {
    title: 'Alibaba Cloud, Use Internet NAT gateway for public network access',
    url: 'https://www.alibabacloud.com/help/en/nat-gateway/user-guide/use-internet-nat-gateway-for-public-network-access',
    date: null,
  },
  alibabaSnatEntry: {
    title: 'Alibaba Cloud, parameters of CreateSnatEntry',
    url: 'https://github.com/aliyun/alibabacloud-python-sdk/blob/master/vpc-20160428',
    date: null,
  },
  alibabaQuotas: {
    title: 'Alibaba Cloud, NAT Gateway quotas',
    url: 'https://help.aliyun.com/en/nat-gateway/user-guide/quotas/',
    date: null,
  },
  alibabaSessionLog: {
    title: 'Alibaba Cloud, Session log',
    url: 'https://www.alibabacloud.com/help/en/nat-gateway/user-guide/session-log-overview',
    date: '2026-02-27',
  },
  awsGateway: {
    title: 'Amazon VPC user guide, NAT gateways',
    url: `${AWS_GUIDE}/vpc-nat-gateway.md`,
    date: null,
  },
  awsTroubleshooting: {
    title: 'Amazon VPC user guide, Troubleshoot NAT gateways',
    url: `${AWS_GUIDE}/nat-gateway-troubleshooting.md`,
    date: null,
  },
  awsComparison: {
    title: 'Amazon VPC user guide, Compare NAT gateways and NAT instances',
    url: `${AWS_GUIDE}/vpc-nat-comparison.md`,
    date: null,
  },
  gcpMonitoring: {
    title: 'Google Cloud NAT, Logs and metrics',
    url: 'https://cloud.google.com/nat/docs/monitoring',
    date: null,
  },
  gcpTuning: {
    title: 'Google Cloud NAT, Tune NAT configuration',
    url: 'https://cloud.google.com/nat/docs/tune-nat-configuration',
    date: null,
  },
  gcpTimeouts: {
    title: 'OneUptime, Cloud NAT timeout values for long-lived TCP connections in GCP',
    url: 'https://oneuptime.com/blog/post/2026-02-17-how-to-configure-cloud-nat-timeout-values-for-long-lived-tcp-connections-in-gcp/view',
    date: '2026-02-17',
  },
  gcpTimeWait: {
    title: 'CloudScoop, Cloud NAT: the default TCP TIME_WAIT timeout',
    url: 'https://cloudscoop.io/updates/gcp-2026-03-31-cloud-nat-announcement-the-default-tcp-time-wait-t',
    date: '2026-03-31',
  },
  azureResource: {
    title: 'Azure NAT Gateway, Design virtual networks with NAT gateway',
    url: `${AZURE_DOCS}/nat-gateway-resource.md`,
    date: null,
  },
  azureSnat: {
    title: 'Azure NAT Gateway, SNAT with Azure NAT Gateway',
    url: `${AZURE_DOCS}/nat-gateway-snat.md`,
    date: null,
  },
  linuxConntrack: {
    title: 'Linux, nf_conntrack-sysctl',
    url: `${LINUX}/Documentation/networking/nf_conntrack-sysctl.rst`,
    date: null,
  },
  linuxNat: {
    title: 'Linux, net/netfilter/nf_nat_core.c',
    url: `${LINUX}/net/netfilter/nf_nat_core.c`,
    date: null,
  },
  linuxTcp: {
    title: 'Linux, net/netfilter/nf_conntrack_proto_tcp.c',
    url: `${LINUX}/net/netfilter/nf_conntrack_proto_tcp.c`,
    date: null,
  },
  rfc4787: rfc(4787, 'NAT Behavioral Requirements for Unicast UDP', '2007-01'),
  rfc5382: rfc(5382, 'NAT Behavioral Requirements for TCP', '2008-10'),
  rfc5508: rfc(5508, 'NAT Behavioral Requirements for ICMP', '2009-04'),
  rfc6888: rfc(6888, 'Common Requirements for Carrier-Grade NATs', '2013-04'),
  rfc7857: rfc(7857, 'Updates to NAT Behavioral Requirements', '2016-04'),
} as const satisfies Readonly<Record<string, Source>>;

export type SourceId = keyof typeof SOURCES;
