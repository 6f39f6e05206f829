export type { Batching } from './files/batching';
export type { ServerFlags } from './flags/server-flags';

export { ModelBackend } from './model-backend';
export { ServingProtocol, type TfServingModelProps } from './model-props';
export { ModelSwitch, type ModelSwitchProps } from './model-switch';
export { type CustomServerImage, ServerImage } from './server/server-image';
export type { ModelOptions } from './serving/model-options';
export type { IModelPool, ModelPlacement, ModelPoolRequest } from './serving/model-pool';
export type { ClaimSourceOptions } from './source/claim';
export type { GcsSourceOptions } from './source/gcs';
export { ModelSource } from './source/model-source';
export { TfServingModel } from './tf-serving-model';
export type { ModelTarget } from './versions/model-target';
export { ModelVersions } from './versions/model-versions';
export type { ServedModel } from './versions/served-model';
