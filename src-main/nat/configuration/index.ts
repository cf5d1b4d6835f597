export { gatewayJsonSchema } from './gateway-shape';
export { MAX_TOLD_PROBLEMS, type Problem } from './problems';
export { readGateway, type ConfiguredGateway } from './read-gateway';
export { portsOf } from './rules';
