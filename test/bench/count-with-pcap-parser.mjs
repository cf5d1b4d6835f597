import pcapParser from 'pcap-parser';

/* The rival on npm: counts the records of a capture, and does nothing else with them. */
const parser = pcapParser.parse(process.argv[2]);
let packets = 0;
parser.on('packet', () => packets++);
parser.on('end', () => console.log(packets));
