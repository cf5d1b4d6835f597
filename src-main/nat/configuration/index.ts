export { gatewayJsonSchema } from './gateway-shape';
export { MAX_TOLD_PROBLEMS, Problems, type Problem } from './problems';
export { readGateway, type ConfiguredGateway } from './read-gateway';
export { portsOf } from './rules';
export {
  described,
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
