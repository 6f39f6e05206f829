export type { Batching } from './config-files';
export type { IModelPool, ModelPlacement, ModelPoolRequest } from './model-pool';
export { type ClaimSourceOptions, type GcsSourceOptions, ModelSource } from './model-source';
export type { ServerFlags } from './server-flags';
export { type CustomServerImage, ServerImage } from './server-image';
export { ServingProtocol, TfServingModel, type TfServingModelProps } from './tf-serving-model';
