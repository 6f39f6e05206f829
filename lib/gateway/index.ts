export { ModelGateway, type ModelGatewayProps } from './model-gateway';
export { type GatewayRouteOptions, type IngressRouteOptions, Route, type RouteOptions } from './route';
