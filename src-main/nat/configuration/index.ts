export {
  replaced,
  withAddresses,
  withoutAddress,
  withoutSnatEntry,
  withoutVpc,
  withSnatEntry,
  withVpc,
  addressesOf,
  type GatewayConfig,
} from './edit-gateway';
export { gatewayJsonSchema } from './gateway-shape';
export { MAX_TOLD_PROBLEMS, Problems, type Problem } from './problems';
export { readGateway, type ConfiguredGateway } from './read-gateway';
export { describeGateway, type DescribedGateway } from './report-gateway';
export { lowPortsOf, portsOf } from './rules';
export {
  described,
  LARGEST_SEC,
  list,
  object,
  oneOf,
  orNull,
  text,
  wholeNumber,
  type JsonSchema,
  type Read,
  type Shape,
} from './shape';
